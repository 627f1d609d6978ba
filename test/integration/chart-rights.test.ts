import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import type { AuditReport } from '../../src/core/audit/report.ts';
import { PATHS } from '../../src/dashboard/wire.ts';
import { recordingTerminal } from '../cli/recording-terminal.ts';
import { NAMESPACE, only, renderObjects } from './chart/template.ts';
import { daemonSet, Everynode, eventually, TestCluster } from './harness.ts';
import { leastPrivilege } from './least-privilege.ts';
import { installReports, STALE_REPORT } from './report-definitions.ts';

const NODES = ['a', 'b'];
const SECRET = `${NAMESPACE}/everynode-webhook-tls`;
const CONFIGURATIONS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'] as const;

type Configuration = {
  readonly webhooks: readonly {
    readonly name: string;
    readonly rules?: readonly object[];
    readonly clientConfig: { readonly service?: { readonly path: string }; readonly caBundle?: string };
  }[];
};

/** What the process was refused, as it logged it. */
function refusals(everynode: Everynode): string[] {
  return everynode.logs.map((line) => JSON.stringify(line)).filter((line) => /forbidden/i.test(line));
}

type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
};
type Role = { readonly rules: readonly Rule[] };

const REPORTS = 'reports.openreports.io';
async function auditAs(
  kubeconfig: string,
  ...args: readonly string[]
): Promise<Pick<AuditReport, 'notRead'> & { readonly err: string }> {
  const terminal = recordingTerminal();
  await runProgram(['audit', `--kubeconfig=${kubeconfig}`, '-o', 'json', ...args], terminal);
  const { notRead } = JSON.parse(terminal.stdout.text) as AuditReport;
  return { notRead, err: terminal.stderr.text };
}

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await TestCluster.start();
  await cluster.local.addNodes(NODES.map((name) => ({ name })));
});

afterAll(() => cluster?.stop());

/** The processes, each with the token of its ServiceAccount in the chart, against the real API server. */
describe('the rights that the chart gives', () => {
  /** `yes` or `no`; kubectl then ends with 1. */
  async function mayI(kubeconfig: string, verb: string): Promise<string> {
    const asked = cluster.kubectl(`--kubeconfig=${kubeconfig}`, 'auth', 'can-i', verb, REPORTS, '-A');
    return (await asked.catch((error: { stdout: string }) => error.stdout)).trim();
  }

  test('are enough for the sync loop in mode own: pods, a rollout, history, and the end', async () => {
    const kubeconfig = await leastPrivilege(cluster, 'sync');
    const everynode = await Everynode.own(cluster, 'sync', `--kubeconfig=${kubeconfig}`);
    await cluster.apply(daemonSet('synced'));
    await eventually(async () => expect(await cluster.nodesWith('synced')).toEqual(NODES));
    await cluster.kubectl('set', 'env', 'ds/synced', 'CHANGED=1');
    await cluster.kubectl('rollout', 'status', 'ds/synced', '--timeout=60s');
    const probe = await cluster.json<{ metadata: { ownerReferences: object[] } }>(
      'get',
      'daemonset',
      'everynode-sync-probe',
      '-n',
      NAMESPACE,
    );
    expect(probe.metadata.ownerReferences).toMatchObject([{ kind: 'Lease', name: 'everynode-sync' }]);
    expect(await everynode.stop()).toBe(0);
    expect(refusals(everynode)).toEqual([]);
    await expect(cluster.daemonSet('everynode-sync-probe', NAMESPACE)).rejects.toThrow('not found');
  });

  test('are fewer in mode assist, and enough', async () => {
    const kubeconfig = await leastPrivilege(cluster, 'sync', { mode: 'assist' });
    const everynode = await Everynode.start(cluster, 'sync', '--mode=assist', `--kubeconfig=${kubeconfig}`);
    await everynode.logged((line) => line.mode === 'assist');
    expect(await everynode.stop()).toBe(0);
    expect(refusals(everynode)).toEqual([]);
    await expect(
      cluster.kubectl(`--kubeconfig=${kubeconfig}`, 'auth', 'can-i', 'create', 'pods'),
    ).rejects.toThrow();
  });

  test('of the audit are to read what it reads, and no more', async () => {
    const path = await leastPrivilege(cluster, 'audit', { audit: { enabled: true } });
    await eventually(async () => expect((await auditAs(path)).notRead).toEqual([]));
    const { rules } = await cluster.json<Role>('get', 'clusterrole', 'everynode-audit');
    expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(['list']));
    const readable = rules.flatMap(({ resources }) => resources);
    await cluster.kubectl('delete', 'clusterrolebinding', 'everynode-audit');
    await eventually(async () => {
      const { notRead } = await auditAs(path);
      expect(notRead.map(({ what }) => what).toSorted()).toEqual(readable.toSorted());
    });
  });

  test('of the audit with reports are to write these, each of them needed', async () => {
    const path = await leastPrivilege(cluster, 'audit', { audit: { enabled: true, reports: 'openreports' } });
    await installReports(cluster, 'openreports');
    await cluster.apply(daemonSet('reported'));
    const role = await cluster.json<Role>('get', 'clusterrole', 'everynode-audit');
    const [last, ...others] = role.rules.toReversed() as [Rule, ...Rule[]];
    expect(last).toMatchObject({ apiGroups: ['openreports.io'], resources: ['reports'] });
    const allow = async (verbs: readonly string[], denied: readonly string[]): Promise<void> => {
      const rules = JSON.stringify({ rules: [...others, { ...last, verbs }] });
      await cluster.kubectl('patch', 'clusterrole', 'everynode-audit', '--type=merge', `--patch=${rules}`);
      await eventually(async () => {
        for (const verb of [...verbs, ...denied]) {
          expect(await mayI(path, verb), verb).toBe(denied.includes(verb) ? 'no' : 'yes');
        }
      });
    };
    for (const verb of last.verbs) {
      await allow(
        last.verbs.filter((each) => each !== verb),
        [verb],
      );
      // Taken away where nothing but another report is refused.
      await cluster.apply(STALE_REPORT);
      const { err } = await auditAs(path, '--write=openreports');
      expect(err).toMatch(
        new RegExp(`^everynode: not all reports were written .*cannot ${verb} resource "reports"[^\\n]*\\n$`),
      );
    }
    await allow(last.verbs, []);
    expect(await auditAs(path, '--write=openreports')).toMatchObject({ err: '', notRead: [] });
    const { metadata } = await cluster.daemonSet('reported');
    const names = await cluster.kubectl('get', REPORTS, '-o', 'name');
    expect(names).toContain(`everynode-${metadata.uid}\n`);
    expect(names).not.toContain('stale');
  });

  test('are enough for the dashboard, which shows the cluster to whoever may list DaemonSets, and nobody else', async () => {
    const kubeconfig = await leastPrivilege(cluster, 'dashboard', { dashboard: { enabled: true } });
    const everynode = await Everynode.start(
      cluster,
      'dashboard',
      `--kubeconfig=${kubeconfig}`,
      '--dashboard-bind-address=127.0.0.1:0',
    );
    const { port } = await everynode.logged((line) => line.msg === 'serving the dashboard');
    const address = `http://127.0.0.1:${String(port)}`;
    await cluster.apply(daemonSet('shown'));
    for (const name of ['viewer', 'stranger']) await cluster.kubectl('create', 'serviceaccount', name);
    await cluster.kubectl(
      'create',
      'clusterrolebinding',
      'viewer',
      '--clusterrole=view',
      '--serviceaccount=default:viewer',
    );
    const signIn = async (name: string): Promise<Response> => {
      const token = (await cluster.kubectl('create', 'token', name)).trim();
      const body = JSON.stringify({ token });
      return fetch(`${address}${PATHS.session}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
    };
    const refused = await signIn('stranger');
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('system:serviceaccount:default:stranger may not list daemonsets');

    const accepted = await signIn('viewer');
    expect(await accepted.json()).toMatchObject({ user: 'system:serviceaccount:default:viewer' });
    const cookie = accepted.headers.get('set-cookie')?.split(';')[0] ?? '';
    const events = await fetch(`${address}${PATHS.events}`, { headers: { cookie } });
    let text = '';
    for await (const piece of events.body ?? []) {
      text += Buffer.from(piece).toString();
      if (text.includes('"default/shown"') && text.includes('"findings"')) break;
    }
    const findings = await fetch(`${address}${PATHS.findings}`, { headers: { cookie } });
    expect(await findings.json()).toMatchObject({ pending: 0 });

    expect(await everynode.stop()).toBe(0);
    expect(refusals(everynode)).toEqual([]);
    expect(everynode.printed.join('\n')).toMatch(/^dashboard: http:\/\/127\.0\.0\.1:\d+\/#key=[\w-]{43}$/);
    expect(JSON.stringify(everynode.logs)).not.toContain('key=');
  });

  test('do not reach into Secrets, nor to other configurations, nor to what the chart does not name', async () => {
    const asWebhook = `--kubeconfig=${await leastPrivilege(cluster, 'webhook')}`;
    for (const [verb, what] of [
      ['get', 'secrets'],
      ['list', 'secrets'],
      ['create', 'secrets'],
      ['delete', 'secrets/everynode-webhook-tls'],
      ['create', 'pods'],
      ['patch', 'daemonsets'],
      ['patch', 'validatingwebhookconfigurations/another'],
      ['delete', 'validatingwebhookconfigurations/everynode'],
      ['create', 'mutatingwebhookconfigurations'],
    ] as const) {
      const asked = cluster.kubectl(asWebhook, 'auth', 'can-i', verb, what, '-n', NAMESPACE);
      await expect(asked, `${verb} ${what}`).rejects.toThrow();
    }
  });
});

/** The webhook with the token of its ServiceAccount, and what it and GitOps tools do beside each other. */
describe("the webhook with the chart's own configurations", () => {
  let everynode: Everynode;

  beforeAll(async () => {
    const kubeconfig = await leastPrivilege(cluster, 'webhook');
    const objects = await renderObjects();
    await cluster.apply(only(objects, 'Secret'), '--server-side', '--field-manager=helm');
    everynode = await Everynode.start(
      cluster,
      'webhook',
      `--kubeconfig=${kubeconfig}`,
      `--cert-secret=${SECRET}`,
      '--register=ca-bundle',
    );
    const { port } = await everynode.logged((line) => line.msg === 'serving admission');
    for (const kind of CONFIGURATIONS) await install(only(objects, kind), Number(port));
    await eventually(async () => {
      for (const kind of CONFIGURATIONS) {
        const { webhooks } = await cluster.json<Configuration>('get', kind, 'everynode');
        expect(webhooks.every(({ clientConfig }) => clientConfig.caBundle)).toBe(true);
      }
    });
  });

  afterAll(async () => void (await everynode?.stop()));

  /** As helm does; only the address is another, for there is no Service here. */
  async function install(configuration: object, port: number): Promise<void> {
    const { webhooks, ...rest } = structuredClone(configuration) as Configuration;
    const reached = webhooks.map(({ clientConfig, ...webhook }) => {
      return { ...webhook, clientConfig: { url: `https://127.0.0.1:${port}${clientConfig.service?.path}` } };
    });
    await cluster.apply({ ...rest, webhooks: reached }, '--server-side', '--field-manager=helm');
  }

  test('is asked, and answers', async () => {
    const broken = daemonSet('broken', { labels: { app: 'another' } });
    await expect(cluster.apply(broken)).rejects.toThrow('[selector-matches-template]');
    expect(refusals(everynode)).toEqual([]);
  });

  test.each([true, false])('does not stand in the way of an upgrade: workloads %j', async (workloads) => {
    const { port } = await everynode.logged((line) => line.msg === 'serving admission');
    const objects = await renderObjects({ values: { webhook: { workloads } } });
    for (const kind of CONFIGURATIONS) await install(only(objects, kind), Number(port));
    await cluster.apply(only(objects, 'Secret'), '--server-side', '--field-manager=helm');
    const { webhooks } = await cluster.json<Configuration>('get', CONFIGURATIONS[1], 'everynode');
    const entry = webhooks.find(({ name }) => name === 'workloads.everynode.dev');
    expect(entry?.rules ?? []).toHaveLength(workloads ? 3 : 0);
    expect(webhooks.every(({ clientConfig }) => clientConfig.caBundle)).toBe(true);
  });

  test('leaves no trace on a DaemonSet that is applied three times, and no difference', async () => {
    const manifest = daemonSet('gitops', { annotations: { note: 'as in Git' } });
    const versions: string[] = [];
    for (let times = 0; times < 3; times += 1) {
      await cluster.apply(manifest, '--server-side', '--field-manager=gitops');
      const { metadata } = await cluster.json<{
        metadata: { resourceVersion: string; managedFields: { manager: string; subresource?: string }[] };
      }>('get', 'daemonset', 'gitops', '--show-managed-fields');
      versions.push(metadata.resourceVersion);
      expect(metadata.managedFields.filter(({ subresource }) => !subresource)).toMatchObject([
        { manager: 'gitops' },
      ]);
    }
    expect(new Set(versions).size).toBe(1);
  });
});
