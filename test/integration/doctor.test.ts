import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Report } from '../../src/cli/doctor/report.ts';
import { daemonSet, eventually, Everynode, TestCluster } from './harness.ts';

type Ran = { readonly code: number; readonly out: string; readonly err: string };
type Webhook = { readonly name: string; readonly [field: string]: unknown };

const CREATED_PODS = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }];

function webhook(name: string, service: string, overrides: object = {}): Webhook {
  const [namespace, serviceName] = service.split('/');
  return {
    name,
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: 'Fail',
    // Nobody is there, and nobody waits for them.
    timeoutSeconds: 1,
    rules: CREATED_PODS,
    clientConfig: { service: { namespace, name: serviceName, path: '/' } },
    ...overrides,
  };
}

function configuration(
  kind: 'Mutating' | 'Validating',
  name: string,
  ...webhooks: readonly Webhook[]
): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name },
    webhooks,
  };
}

const names = (operator: string, ...values: readonly string[]): object => ({
  matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator, values }],
});

/** Webhooks of real-world shape. */
const FOREIGN: readonly object[] = [
  // Kyverno: fails closed on everything, but not on kube-system and itself.
  configuration(
    'Validating',
    'kyverno-resource-validating-webhook-cfg',
    webhook('validate.kyverno.svc-fail', 'kyverno/kyverno-svc', {
      rules: [
        {
          apiGroups: ['*'],
          apiVersions: ['*'],
          operations: ['CREATE', 'UPDATE'],
          resources: ['pods', 'deployments'],
        },
      ],
      namespaceSelector: names('NotIn', 'kyverno', 'kube-system'),
      matchConditions: [
        { name: 'exclude-canary', expression: 'object.metadata.?labels[?"canary"].orValue("") == ""' },
      ],
    }),
  ),
  // Gatekeeper: everything, but fails open.
  configuration(
    'Validating',
    'gatekeeper-validating-webhook-configuration',
    webhook('validation.gatekeeper.sh', 'gatekeeper-system/gatekeeper-webhook-service', {
      failurePolicy: 'Ignore',
      rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['*'] }],
    }),
  ),
  // Kruise: fails closed on every Pod, its own as well.
  configuration(
    'Mutating',
    'kruise-mutating-webhook-configuration',
    webhook('mpod.kb.io', 'kruise-system/kruise-webhook-service', {
      objectSelector: { matchExpressions: [{ key: 'kruise.example/exempt', operator: 'DoesNotExist' }] },
    }),
  ),
];

function deployment(namespace: string, name: string): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'c', image: 'registry.k8s.io/pause:3.10' }] },
      },
    },
  };
}

function service(namespace: string, name: string, app: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app }, ports: [{ port: 443 }] },
  };
}

describe('everynode doctor', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    for (const [namespace, name, serviceName] of [
      ['kyverno', 'kyverno-admission-controller', 'kyverno-svc'],
      ['gatekeeper-system', 'gatekeeper-controller-manager', 'gatekeeper-webhook-service'],
      ['kruise-system', 'kruise-controller-manager', 'kruise-webhook-service'],
    ] as const) {
      await cluster.kubectl('create', 'namespace', namespace);
      await cluster.apply(deployment(namespace, name));
      await cluster.apply(service(namespace, serviceName, name));
    }
    const inSystem = daemonSet('kube-proxy') as { metadata: object };
    await cluster.apply({ ...inSystem, metadata: { name: 'kube-proxy', namespace: 'kube-system' } });
    await cluster.apply(daemonSet('agent'));
    const exempt = daemonSet('exempt', {
      spec: {
        template: {
          metadata: { labels: { app: 'exempt', 'kruise.example/exempt': 'true' } },
          spec: { containers: [{ name: 'c', image: 'registry.k8s.io/pause:3.10' }] },
        },
      },
    });
    await cluster.apply(exempt);
    for (const object of FOREIGN) await cluster.apply(object);
  });

  afterAll(() => cluster?.stop());

  async function doctor(...args: readonly string[]): Promise<Ran> {
    const given = args.some((arg) => arg.startsWith('--kubeconfig'));
    const kubeconfig = given ? [] : [`--kubeconfig=${cluster.local.kubeconfigPath}`];
    return new Promise((resolve) => {
      execFile(process.execPath, ['src/main.ts', 'doctor', ...kubeconfig, ...args], (error, out, err) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
      );
    });
  }

  async function findings(check: string, ...args: readonly string[]): Promise<Report['findings']> {
    const { out, err } = await doctor('-o', 'json', ...args);
    if (out === '') throw new Error(err);
    return (JSON.parse(out) as Report).findings.filter((each) => each.check === check);
  }

  test('names each agent that is blocked, by whom, and how sure that is', async () => {
    const blocked = await findings('agent-blocked');
    expect(blocked.map(({ object, severity }) => `${severity} ${object.namespace}/${object.name}`)).toEqual([
      // By Kruise, which cannot come back itself.
      'error default/agent',
      'error kube-system/kube-proxy',
      // By Kyverno alone, if its condition holds.
      'info default/exempt',
    ]);
    const [agent, proxy, exempt] = blocked.map(({ explanation }) => explanation);
    expect(agent).toContain('validate.kyverno.svc-fail');
    expect(agent).toContain('matchCondition exclude-canary');
    expect(agent).toContain('mpod.kb.io');
    expect(proxy).not.toContain('kyverno');
    expect(exempt).not.toContain('mpod.kb.io');
    for (const each of blocked) {
      expect(each.explanation).not.toContain('gatekeeper');
      expect(each.remedy).toContain(`values: [${each.object.namespace}]`);
    }
  });

  test('what it says is what the API server does: the pods of the agents are refused', async () => {
    // No pod answers at these Services: this is the day that the findings are about.
    const pod = (namespace: string, labels: object): object => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probe', namespace, labels },
      spec: { containers: [{ name: 'c', image: 'registry.k8s.io/pause:3.10' }] },
    });
    const outcome = (namespace: string, labels: object): Promise<string> =>
      cluster
        .apply(pod(namespace, labels), '--dry-run=server')
        .catch((error: { stderr: string }) => error.stderr);
    await eventually(async () => {
      expect(await outcome('default', { app: 'agent' })).toContain('failed calling webhook "mpod.kb.io"');
      expect(await outcome('kube-system', { app: 'kube-proxy' })).toContain(
        'failed calling webhook "mpod.kb.io"',
      );
      expect(await outcome('kube-system', { 'kruise.example/exempt': 'true' })).toContain('created');
      expect(await outcome('default', { 'kruise.example/exempt': 'true' })).toContain(
        'failed calling webhook "validate.kyverno.svc-fail"',
      );
      expect(await outcome('default', { 'kruise.example/exempt': 'true', canary: 'x' })).toContain('created');
    });
  });

  test('finds the webhook whose own pods it keeps away, and the one that is waiting for it', async () => {
    const deadlocks = await findings('deadlock');
    const [own, ...others] = deadlocks;
    expect(deadlocks.map(({ severity }) => severity)).toEqual(deadlocks.map(() => 'error'));
    expect(deadlocks.map(({ object }) => object.name)).toEqual(
      deadlocks.map(() => 'kruise-mutating-webhook-configuration'),
    );
    expect(
      deadlocks
        .map(({ explanation }) => /which answer at the Service (\S+),/.exec(explanation)?.[1] ?? '')
        .toSorted(),
    ).toEqual([
      'gatekeeper-system/gatekeeper-webhook-service',
      'kruise-system/kruise-webhook-service',
      'kyverno/kyverno-svc',
    ]);
    expect([own, ...others].map((each) => each?.explanation).join()).toContain(
      'which they themselves answer',
    );
  });

  test('finds what is broken now', async () => {
    const silent = await findings('no-endpoints');
    expect(silent.map(({ object, severity }) => `${severity} ${object.name}`).toSorted()).toEqual([
      'error kruise-mutating-webhook-configuration',
      'error kyverno-resource-validating-webhook-cfg',
      'warning gatekeeper-validating-webhook-configuration',
    ]);
    expect((await findings('ca-bundle-missing')).length).toBe(3);
  });

  test('has nothing against webhooks that leave each other and the agents alone', async () => {
    await cluster.kubectl('delete', 'mutatingwebhookconfigurations,validatingwebhookconfigurations', '--all');
    await cluster.apply(
      configuration(
        'Validating',
        'well-behaved',
        webhook('check.policy.example', 'kyverno/kyverno-svc', {
          failurePolicy: 'Ignore',
          namespaceSelector: { matchLabels: { 'checked.example': 'yes' } },
        }),
      ),
    );
    const { code, out } = await doctor('--fail-on=error');
    expect({ code, out }).toMatchObject({ code: 0 });
    expect(await findings('agent-blocked')).toEqual([]);
    expect(await findings('deadlock')).toEqual([]);
  });

  test('prints a table, a wide one, and YAML that says the same as JSON', async () => {
    const [table, wide, yaml, json] = await Promise.all(
      ['table', 'wide', 'yaml', 'json'].map((format) => doctor('-o', format)),
    );
    expect(table?.out).toMatch(/^SEVERITY {2}/);
    expect(table?.out).not.toContain('\u001B');
    expect(wide?.out).toContain('REMEDY');
    expect(parse(yaml?.out ?? '')).toEqual(JSON.parse(json?.out ?? ''));
    expect(table?.code).toBe(1);
  });

  test('of everynode: registered, leading, alone', async () => {
    const everynode = await Everynode.own(cluster, 'serve');
    try {
      await eventually(async () => {
        const checks = (JSON.parse((await doctor('-o', 'json')).out) as Report).findings.map(
          ({ check }) => check,
        );
        for (const check of [
          'everynode-not-registered',
          'everynode-lease',
          'everynode-probe',
          'two-controllers',
          'nobody-syncs',
        ]) {
          expect(checks).not.toContain(check);
        }
      });
    } finally {
      await everynode.stop();
    }
    expect((await findings('everynode-lease')).map(({ severity, path }) => [severity, path])).toEqual([
      ['warning', 'spec.holderIdentity'],
    ]);
  });

  test('reads what it may, says what it may not, and ends with 3 where it found nothing', async () => {
    const token = await tokenThatMayRead(cluster, ['daemonsets']);
    const text = await readFile(cluster.local.kubeconfigPath, 'utf8');
    const path = join(cluster.local.dataDir, 'blind.kubeconfig');
    await writeFile(path, text.replaceAll(cluster.local.token, token), { mode: 0o600 });
    const { code, out } = await doctor(`--kubeconfig=${path}`, '-o', 'json', '--fail-on=error');
    const { notRead, agents } = JSON.parse(out) as Report;
    expect(code).toBe(3);
    expect(agents).toBe(3);
    expect(notRead.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        'mutatingwebhookconfigurations',
        'validatingwebhookconfigurations',
        'namespaces',
      ]),
    );
    expect(notRead[0]?.why).toContain('forbidden');
  });

  test('ends with 3 where there is no cluster, with 2 where there is no kubeconfig', async () => {
    const text = await readFile(cluster.local.kubeconfigPath, 'utf8');
    const path = join(cluster.local.dataDir, 'nobody.kubeconfig');
    await writeFile(path, text.replaceAll(cluster.local.server, 'https://127.0.0.1:1'), { mode: 0o600 });
    const away = await doctor(`--kubeconfig=${path}`);
    expect({ code: away.code, out: away.out }).toEqual({ code: 3, out: '' });
    expect(away.err).toMatch(/^everynode: the cluster could not be read: /);
    expect((await doctor('--kubeconfig=/nowhere')).code).toBe(2);
  });
});

/** Of a new ServiceAccount that may get and list these of the apps, and nothing else. */
async function tokenThatMayRead(cluster: TestCluster, resources: readonly string[]): Promise<string> {
  await cluster.kubectl('create', 'serviceaccount', 'blind', '-n', 'default');
  await cluster.kubectl(
    'create',
    'clusterrole',
    'blind',
    '--verb=get,list',
    `--resource=${resources.join(',')}`,
  );
  await cluster.kubectl(
    'create',
    'clusterrolebinding',
    'blind',
    '--clusterrole=blind',
    '--serviceaccount=default:blind',
  );
  return (await cluster.kubectl('create', 'token', 'blind', '-n', 'default')).trim();
}
