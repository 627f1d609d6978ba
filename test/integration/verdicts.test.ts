import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Phase, decide } from '../../src/core/admission/decide.ts';
import { fieldFaults } from '../../src/core/schema/field-faults.ts';
import { KINDS } from '../../src/core/schema/kinds.ts';
import { parseKinds } from '../../src/core/schema/parse-kinds.ts';
import { loadCluster } from '../../src/kube/cluster.ts';
import { createTransport } from '../../src/kube/transport.ts';
import { keptByApiServer, needsWebhook } from '../../src/core/admission/cel/floors.ts';
import { policies } from '../../src/core/admission/cel/policies.ts';
import { everyField, mutations } from '../builders/every-field.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { Everynode, eventually, TestCluster } from './harness.ts';
import { kindsOf, type OpenApi, sourceOf } from './openapi.ts';
import {
  type Case,
  createdDaemonSets,
  createdPods,
  deletedDaemonSets,
  storedDaemonSets,
  updatedDaemonSets,
} from './verdicts/corpus.ts';
import { dryRunAll, type Outcome, sorted } from './verdicts/dry-run.ts';
import { unreadable } from './verdicts/strict-decoding.ts';

/**
 * One corpus through the core, which is also the linter, through the API server with nothing of ours but the
 * policies, and through the webhooks: the verdicts are the same.
 */
describe('verdicts', () => {
  const daemonSets = [...createdDaemonSets(250), ...updatedDaemonSets(16), ...deletedDaemonSets()];
  const pods = createdPods(250);
  /** Broken in one way that each door can tell. */
  const probes = [
    createdDaemonSets(0).find(({ object }) => JSON.stringify(object).includes('"Direct"')) as Case,
    pods.find((pod) => judge('validate', pod).denied.includes('pod-not-pinned')) as Case,
  ];
  let cluster: TestCluster;
  let stored: ReadonlyMap<string, unknown>;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    for (const object of storedDaemonSets) await cluster.apply(object);
    const { items } = await cluster.json<{ items: readonly Case['object'][] }>('get', 'daemonsets');
    stored = new Map(items.map((object) => [object.metadata.name, object]));
    // Without it no Pod is let in.
    await eventually(() => cluster.kubectl('get', 'serviceaccount', 'default'));
  });

  afterAll(() => cluster?.stop());

  function judge(phase: Phase, { kind, operation, object, options }: Case): Outcome {
    const group = kind === 'Pod' ? '' : 'apps';
    const { allowed, violations } = decide(phase, {
      uid: 'u',
      kind: { group, version: 'v1', kind },
      operation,
      subResource: '',
      namespace: 'default',
      name: object.metadata.name,
      dryRun: true,
      // Not told: who makes the Pods is a matter of configuration.
      username: '',
      object: operation === 'DELETE' ? null : object,
      oldObject: operation === 'CREATE' ? null : stored.get(object.metadata.name),
      options,
    });
    const at = (wanted: string): readonly string[] =>
      sorted(violations.filter(({ level }) => level === wanted).map(({ rule }) => rule));
    return { denied: allowed ? [] : at('deny'), warned: at('warn') };
  }

  /** Compares case by case; returns how often each rule spoke. */
  function compare(
    cases: readonly Case[],
    expected: readonly Outcome[],
    actual: readonly Outcome[],
  ): ReadonlyMap<string, number> {
    const spoke = new Map<string, number>();
    const differing: unknown[] = [];
    for (const [at, { object }] of cases.entries()) {
      const [want, got] = [expected[at], actual[at]];
      // Refused for what no rule is about: nobody else was asked.
      if (!want || !got || got.otherwise !== undefined) continue;
      // Who refuses need not warn as well.
      const parts: readonly ('denied' | 'warned')[] =
        want.denied.length > 0 ? ['denied'] : ['denied', 'warned'];
      if (parts.some((part) => String(want[part]) !== String(got[part])))
        differing.push({ object, want, got });
      for (const rule of parts.flatMap((part) => want[part])) spoke.set(rule, (spoke.get(rule) ?? 0) + 1);
    }
    expect(differing).toEqual([]);
    return spoke;
  }

  function expectHeard(spoke: ReadonlyMap<string, number>, rules: readonly string[]): void {
    for (const rule of rules)
      expect([rule, spoke.get(rule) ?? 0]).toEqual([rule, expect.toSatisfy((n: number) => n >= 5)]);
  }

  const DAEMONSET_RULES = [
    ...keptByApiServer,
    'surge-host-port',
    'placement-unknown',
    'deletion-protected',
    'orphaning-delete',
  ];

  test('about fields are those of the API server, which has the same ones', async () => {
    const connection = await loadCluster({ kubeconfig: cluster.local.kubeconfigPath, env: {} });
    const transport = createTransport(connection, { logger: recordingLogger() });
    try {
      const get = (path: string): Promise<unknown> => transport.request({ method: 'GET', path });
      const openapi = (await get('/openapi/v3/apis/apps/v1')) as OpenApi;
      const { major, minor } = (await get('/version')) as Record<string, string>;
      const file = join(import.meta.dirname, '../../src/core/schema/kinds.ts');
      const source = sourceOf(kindsOf(openapi, 'io.k8s.api.apps.v1.DaemonSet'), `${major}.${minor}`);
      await expect(source).toMatchFileSnapshot(file);

      const kinds = parseKinds(KINDS);
      const type = { apiVersion: 'apps/v1', kind: 'DaemonSet' };
      const sound = { ...(everyField(kinds, 'DaemonSet') as object), ...type };
      const broken = mutations(kinds, 'DaemonSet')
        .filter(({ path }) => !/^(?:status|kind|apiVersion)\b/.test(path))
        .map(({ path, object }) => ({ path, object: { ...type, ...(object as object) } }));
      const [why, ...answers] = await unreadable(transport, [sound, ...broken.map(({ object }) => object)]);
      expect([why, fieldFaults(sound)]).toEqual([undefined, []]);
      const passedOver = broken.filter((_, at) => answers[at] === undefined);
      expect(passedOver.map(({ path }) => path)).toEqual([]);
    } finally {
      await transport.close();
    }
  });

  test('of the API server and its policies are those of the core', async () => {
    const objects = policies();
    for (const object of objects) await cluster.apply(object);
    await eventually(async () =>
      expect(await dryRunAll(cluster, probes)).toEqual(probes.map((each) => judge('validate', each))),
    );
    const daemonSetsByServer = await dryRunAll(cluster, daemonSets);
    // The API server has no word of its own for a selector that is missing.
    const inItsWords = daemonSets.map((each): Outcome => {
      const outcome = judge('validate', each);
      const { selector } = each.object['spec'] as { selector?: unknown };
      const said = (rule: string): string =>
        rule === 'selector-empty' && !selector ? 'selector-matches-template' : rule;
      return { ...outcome, denied: sorted(outcome.denied.map(said)) };
    });
    expectHeard(compare(daemonSets, inItsWords, daemonSetsByServer), DAEMONSET_RULES);
    expect(daemonSetsByServer.filter(({ otherwise }) => otherwise).length).toBeLessThan(
      daemonSets.length / 10,
    );

    const podsByServer = await dryRunAll(cluster, pods);
    const byCore = pods.map((pod) => judge('validate', pod));
    expectHeard(compare(pods, byCore, podsByServer), [
      'pod-names-no-node',
      'pod-names-two-nodes',
      'pod-not-pinned',
    ]);
    expect(podsByServer.filter(({ otherwise }) => otherwise).length).toBeLessThan(pods.length / 10);
  });

  test('none of the policies has a type error that the API server can see', async () => {
    await eventually(async () => {
      const { items } = await cluster.json<{ items: readonly TypeChecked[] }>(
        'get',
        'validatingadmissionpolicies',
      );
      expect(items.length).toBeGreaterThan(0);
      for (const { metadata, status } of items) {
        expect([metadata.name, status?.observedGeneration]).toEqual([metadata.name, 1]);
        expect([metadata.name, status?.typeChecking?.expressionWarnings ?? []]).toEqual([metadata.name, []]);
      }
    });
  });

  test('of the webhooks are those of the core', async () => {
    await cluster.kubectl('delete', 'validatingadmissionpolicies,validatingadmissionpolicybindings', '--all');
    await eventually(async () =>
      expect(await dryRunAll(cluster, probes)).toEqual(probes.map(() => ({ denied: [], warned: [] }))),
    );
    const config = join(cluster.local.dataDir, 'admission.json');
    const rules = Object.fromEntries(needsWebhook.map((id) => [id, 'off']));
    await writeFile(
      config,
      JSON.stringify({ apiVersion: 'everynode.dev/v1alpha1', kind: 'AdmissionConfiguration', rules }),
    );
    const everynode = await Everynode.start(cluster, 'webhook', `--config=${config}`);
    try {
      await eventually(async () =>
        expect((await dryRunAll(cluster, probes))[0]?.warned).toEqual(['placement-unknown']),
      );
      const expected = daemonSets.map((each) =>
        judge(each.operation === 'DELETE' ? 'validate' : 'mutate', each),
      );
      expectHeard(compare(daemonSets, expected, await dryRunAll(cluster, daemonSets)), DAEMONSET_RULES);
      const mutated = pods.map((pod) => judge('mutate', pod));
      compare(pods, mutated, await dryRunAll(cluster, pods));
      // As the policies see a Pod: nobody has pinned it. What others set on our configurations stays.
      await passOverPods(cluster);
      await eventually(async () =>
        expect((await dryRunAll(cluster, probes))[1]?.denied).toEqual(['pod-not-pinned']),
      );
      compare(
        pods,
        pods.map((pod) => judge('validate', pod)),
        await dryRunAll(cluster, pods),
      );
    } finally {
      await everynode.stop();
    }
  });
});

/** Has no Pod come to the mutating webhook. */
async function passOverPods(cluster: TestCluster): Promise<void> {
  const kind = 'mutatingwebhookconfiguration';
  type Configuration = { webhooks: { name: string }[] };
  const { webhooks } = await cluster.json<Configuration>('get', kind, 'everynode');
  const at = webhooks.findIndex(({ name }) => name === 'pods.everynode.dev');
  const value = { matchLabels: { nobody: 'has-this-label' } };
  const patch = [{ op: 'add', path: `/webhooks/${at}/objectSelector`, value }];
  await cluster.kubectl('patch', kind, 'everynode', '--type=json', '-p', JSON.stringify(patch));
}

type TypeChecked = {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly typeChecking?: { readonly expressionWarnings?: readonly unknown[] };
  };
};
