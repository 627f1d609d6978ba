import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import type { AuditReport } from '../../src/core/audit/report.ts';
import { recordingTerminal } from '../cli/recording-terminal.ts';
import { FaultyProxy } from './chaos/faulty-proxy.ts';
import { Random } from './chaos/random.ts';
import { daemonSet, Everynode, eventually, TestCluster } from './harness.ts';
import { closedToReports, installReports, REPORTS, STALE_REPORT } from './report-definitions.ts';

type Ran = { readonly code: number; readonly out: string; readonly err: string };

type Reports = {
  items: { metadata: { name: string; resourceVersion: string }; summary: object; results: object[] }[];
};

describe('everynode audit, on the real API server', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.local.addNodes([{ name: 'a' }, { name: 'b' }]);
    await cluster.apply(daemonSet('agent', { pod: { hostPID: true } }));
    const everynode = await Everynode.own(cluster);
    await eventually(async () => expect(await cluster.nodesWith('agent')).toEqual(['a', 'b']));
    await everynode.stop();
  });

  afterAll(() => cluster?.stop());

  async function audit(...args: readonly string[]): Promise<Ran> {
    const terminal = recordingTerminal();
    const kubeconfig = args.some((arg) => arg.startsWith('--kubeconfig'))
      ? []
      : [`--kubeconfig=${cluster.local.kubeconfigPath}`];
    const code = await runProgram(['audit', ...kubeconfig, ...args], terminal);
    return { code, out: terminal.stdout.text, err: terminal.stderr.text };
  }

  async function report(...args: readonly string[]): Promise<AuditReport> {
    const { out, err } = await audit('-o', 'json', ...args);
    if (out === '') throw new Error(err);
    return JSON.parse(out) as AuditReport;
  }

  const rules = ({ findings }: AuditReport): readonly string[] => findings.map(({ rule }) => rule).toSorted();

  test('finds what is wrong with what runs, and ends with 1', async () => {
    const { code, out } = await audit();
    expect(code).toBe(1);
    expect(out).toContain(
      'warning  privileged  DaemonSet default/agent\n    spec.template.spec.hostPID: is true',
    );
    expect(out).toMatch(/0 errors, \d warnings, 0 info\. Looked at 1 DaemonSet, 2 Nodes\.\n$/);
    const found = await report();
    expect(rules(found)).toEqual(['privileged', 'readiness-probe', 'resources']);
    expect(found.notRead).toEqual([]);
  });

  test('ends with 0 where nothing is bad enough, or all is known', async () => {
    expect((await audit('--fail-on=error')).code).toBe(0);
    expect((await audit('--fail-on=never')).code).toBe(0);
    const file = join(cluster.local.dataDir, 'known.json');
    await writeFile(file, (await audit('-o', 'json')).out);
    const { code, out } = await audit('--baseline', file);
    expect(code).toBe(0);
    expect(out).toContain('3 in the baseline');
  });

  test('leaves out what the configuration of admission turns off, and keeps advice that is off there by itself', async () => {
    const file = join(cluster.local.dataDir, 'admission.yaml');
    const configuration = { apiVersion: 'everynode.dev/v1alpha1', kind: 'AdmissionConfiguration' };
    await writeFile(
      file,
      JSON.stringify({ ...configuration, rules: { resources: 'off', privileged: 'warn' } }),
    );
    expect(rules(await report('--config', file))).toEqual(['privileged', 'readiness-probe']);
    expect(rules(await report('--config', file, '--off=privileged'))).toEqual(['readiness-probe']);
    await writeFile(file, JSON.stringify({ ...configuration, rules: { resource: 'off' } }));
    const { code, err } = await audit('--config', file);
    expect({ code, err }).toMatchObject({
      code: 2,
      err: expect.stringContaining('admission.yaml is not an Adm'),
    });
  });

  test('counts apart what somebody accepted, and leaves out what is switched off', async () => {
    await cluster.kubectl(
      'annotate',
      'daemonset',
      'agent',
      'everynode.dev/ignore.privileged=lists processes',
    );
    const found = await report('--off=resources');
    expect(rules(found)).toEqual(['readiness-probe']);
    expect(found.suppressed.map(({ rule, suppressed }) => [rule, suppressed])).toEqual([
      ['privileged', { reason: 'lists processes' }],
    ]);
    expect((await audit('--off=no-such-rule')).code).toBe(2);
  });

  test('sees pods that are missing, and where they should not be', async () => {
    await cluster.local.addNodes([{ name: 'c' }]);
    await cluster.kubectl('taint', 'node', 'b', 'dedicated=gpu:NoExecute');
    await eventually(async () => {
      const found = await report('--off=readiness-probe', '--off=resources');
      expect(rules(found)).toContain('nodes-without-pod');
      expect(found.findings[0]?.message).toContain('(c)');
    });
  });

  test('one namespace can be looked at alone', async () => {
    const { code, out } = await audit('-n', 'kube-system');
    expect(code).toBe(0);
    expect(out).toContain('Looked at 0 DaemonSets');
  });

  test('-A is all namespaces, and -l judges some DaemonSets beside all others', async () => {
    expect((await audit('-n', 'kube-system', '-A')).out).toContain('Looked at 1 DaemonSet,');
    await cluster.apply({ ...daemonSet('agent'), metadata: { name: 'twin', labels: { team: 'twins' } } });
    const found = await report('-l', 'team=twins');
    expect(new Set(found.findings.map(({ subject }) => subject.name))).toEqual(new Set(['twin']));
    expect(rules(found)).toContain('selector-overlap');
    expect((await audit('-l', 'team=nobody')).out).toContain('Looked at 0 DaemonSets');
    await cluster.kubectl('delete', 'daemonset', 'twin');
  });

  test('names what it may not read, and does not take it for missing', async () => {
    const text = await readFile(cluster.local.kubeconfigPath, 'utf8');
    await cluster.kubectl('create', 'serviceaccount', 'blind');
    await cluster.kubectl('create', 'clusterrole', 'blind', '--verb=list', '--resource=daemonsets,nodes');
    await cluster.kubectl(
      'create',
      'clusterrolebinding',
      'blind',
      '--clusterrole=blind',
      '--serviceaccount=default:blind',
    );
    const token = (await cluster.kubectl('create', 'token', 'blind')).trim();
    const path = join(cluster.local.dataDir, 'blind.kubeconfig');
    await writeFile(path, text.replaceAll(cluster.local.token, token), { mode: 0o600 });
    const found = await report(`--kubeconfig=${path}`);
    expect(rules(found)).not.toContain('nodes-without-pod');
    expect(found.notRead.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['pods', 'controllerrevisions']),
    );
    expect((await audit(`--kubeconfig=${path}`, '--fail-on=error')).code).toBe(3);
  });

  test('ends with 3 where there is no cluster', async () => {
    const text = await readFile(cluster.local.kubeconfigPath, 'utf8');
    const path = join(cluster.local.dataDir, 'nobody.kubeconfig');
    await writeFile(path, text.replaceAll(cluster.local.server, 'https://127.0.0.1:1'), { mode: 0o600 });
    const { code, out, err } = await audit(`--kubeconfig=${path}`);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(/^everynode: the cluster could not be read: /);
  });

  /** The cluster, behind a proxy that answers only so often. */
  async function auditUntil(answers: number, ...args: readonly string[]): Promise<Ran> {
    const proxy = await FaultyProxy.start(cluster.local, new Random(1));
    try {
      proxy.goAwayAfter(answers);
      return await audit(`--kubeconfig=${proxy.kubeconfigPath}`, ...args);
    } finally {
      await proxy.stop();
    }
  }

  /** The connection is tried, then DaemonSets, nodes and pods are read; the cluster goes away with the pods. */
  const BEFORE_PODS = 3;

  test('reports what it has read, as partial, when the cluster goes away in the middle', async () => {
    const { code, out, err } = await auditUntil(BEFORE_PODS);
    expect(code).toBe(3);
    expect(out).toContain('readiness-probe');
    expect(out).not.toContain('nodes-without-pod');
    expect(out).toMatch(
      /\nnot read: pods, controllerrevisions, deployments, .*, jobs \(the cluster went away\)\n$/,
    );
    expect(err).toMatch(
      /^everynode: the report is partial: the API server https:\S+ cannot be reached: .*\n$/,
    );
  });

  test('says so in JSON, SARIF and JUnit too', async () => {
    const partial = async (format: string): Promise<string> => {
      const { code, out } = await auditUntil(BEFORE_PODS, '-o', format, '--fail-on=never');
      expect(code).toBe(3);
      return out;
    };
    const [json, sarif, junit] = await Promise.all(['json', 'sarif', 'junit'].map(partial));
    const { notRead } = JSON.parse(json ?? '') as AuditReport;
    expect(notRead).toContainEqual({ what: 'pods', why: 'the cluster went away' });
    expect(notRead).not.toContainEqual(expect.objectContaining({ what: 'nodes' }));
    expect(JSON.parse(sarif ?? '')).toMatchObject({
      runs: [{ invocations: [{ executionSuccessful: false }] }],
    });
    expect(junit).toContain('<testcase name="pods" classname="not read" time="0">');
  });

  test.each(['wide', 'yaml', 'sarif', 'junit', 'html', 'policyreport', 'openreports'])(
    'prints %s',
    async (format) => {
      const { code, out } = await audit('-o', format);
      expect(code).toBe(1);
      expect(out).toContain('readiness-probe');
    },
  );

  test('says what to install where there is no kind of report', async () => {
    const { code, err } = await audit('--write=auto');
    expect(code).toBe(2);
    expect(err).toContain('openreports.io/v1alpha1');
  });

  test.each(REPORTS)(
    'writes reports of $api that the real definition takes, and keeps them',
    async ({ api, output, resource }) => {
      await installReports(cluster, api);
      const printed = JSON.parse((await audit('-o', output)).out) as Reports & object;
      // Strict: a field that the definition does not have would be dropped without a word.
      await eventually(() =>
        cluster.apply(printed, '--server-side', '--dry-run=server', '--validate=strict'),
      );
      const stored = (): Promise<Reports> => cluster.json<Reports>('get', resource, '-A');
      expect((await audit(`--write=${api}`)).err).toBe('');
      const { items } = await stored();
      const { metadata } = await cluster.daemonSet('agent');
      expect(items.map(({ metadata: { name } }) => name)).toEqual([`everynode-${metadata.uid}`]);
      expect(items[0]?.summary).toEqual(printed.items[0]?.summary);
      expect(items[0]?.results.length).toBe(printed.items[0]?.results.length);
      await audit(`--write=${api}`);
      expect((await stored()).items[0]?.metadata.resourceVersion).toBe(items[0]?.metadata.resourceVersion);
    },
  );

  test('leaves reports as they are where it did not look, and where the cluster goes away', async () => {
    const stored = (): Promise<Reports> => cluster.json<Reports>('get', 'reports.openreports.io', '-A');
    await cluster.apply(STALE_REPORT);
    const { items: before } = await stored();
    expect(before).toHaveLength(2);
    for (const choice of ['--namespace=kube-system', '--selector=team=nobody']) {
      expect((await audit(choice, '--write=openreports')).err).toBe('');
      expect((await stored()).items).toEqual(before);
    }
    const reading = await auditUntil(BEFORE_PODS, '--write=openreports');
    expect(reading).toMatchObject({ code: 3, err: expect.stringContaining('none was written') });
    expect((await stored()).items).toEqual(before);
    // Nine kinds and the reports are read; the first write finds nobody.
    await cluster.kubectl('annotate', 'daemonset', 'agent', 'everynode.dev/ignore.privileged-');
    const writing = await auditUntil(11, '--write=openreports');
    expect(writing).toMatchObject({
      code: 3,
      out: expect.stringContaining('privileged'),
      err: expect.stringContaining('everynode: not all reports were written to the cluster: the API server'),
    });
    expect((await stored()).items).toEqual(before);
  });

  test('goes on where one report is refused, and passes over namespaces that are going', async () => {
    for (const name of ['a-going', 'b-closed', 'c-open']) {
      await cluster.kubectl('create', 'namespace', name);
      await cluster.apply({ ...daemonSet('agent'), metadata: { name: 'agent', namespace: name } });
    }
    // Nobody empties it here: it stays as one does that waits for a finalizer.
    await cluster.kubectl('delete', 'namespace', 'a-going', '--wait=false');
    for (const object of closedToReports('b-closed')) await cluster.apply(object);
    const probe = { ...STALE_REPORT, metadata: { ...STALE_REPORT.metadata, namespace: 'b-closed' } };
    await eventually(() => expect(cluster.apply(probe, '--dry-run=server')).rejects.toThrow('closed to all'));
    await cluster.apply(STALE_REPORT);
    const { code, err } = await audit('--write=openreports', '--fail-on=never');
    expect(err).toMatch(
      /^everynode: not all reports were written to the cluster: DaemonSet b-closed\/agent: [^;\n]*closed to all[^;\n]*\n$/,
    );
    expect(code).toBe(3);
    const open = await cluster.json<Reports>('get', 'reports.openreports.io', '-n', 'c-open');
    expect(open.items).toHaveLength(1);
    await expect(cluster.json('get', 'reports.openreports.io', 'stale')).rejects.toThrow('not found');
    await cluster.kubectl('delete', 'validatingadmissionpolicybinding', 'closed');
    await eventually(() => cluster.apply(probe, '--dry-run=server'));
    expect(await audit('--write=openreports', '--fail-on=never')).toMatchObject({ code: 0, err: '' });
    for (const name of ['a-going', 'b-closed', 'c-open'])
      await cluster.kubectl('delete', 'daemonset', 'agent', '-n', name, '--cascade=orphan');
  });

  test('takes reports away of what is no more', async () => {
    await cluster.kubectl('delete', 'daemonset', 'agent', '--cascade=foreground');
    for (const { api, resource } of REPORTS) {
      // The newer one where both are installed.
      await audit(`--write=${api === 'openreports' ? 'auto' : api}`);
      await eventually(async () =>
        expect((await cluster.json<Reports>('get', resource, '-A')).items).toEqual([]),
      );
    }
  });
});
