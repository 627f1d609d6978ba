import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import type { FakeApiServer } from '../../fakes/api-server.ts';
import { playCluster, type PlayedObject } from '../../fakes/played-cluster.ts';
import { kubeconfigFor } from '../../golden/session.ts';
import { recordingTerminal } from '../recording-terminal.ts';

const meta = (name: string, more: object = {}) => ({
  name,
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
  ...more,
});
const stored = (name: string, pod: object = {}): PlayedObject =>
  ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: meta(name, { namespace: 'default' }),
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '600m' } } }],
          ...pod,
        },
      },
    },
  }) as PlayedObject;
const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: meta('n1'),
  status: { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } },
};
const LOW = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: meta('low', { namespace: 'default' }),
  spec: {
    nodeName: 'n1',
    priority: 7,
    containers: [{ name: 'c', resources: { requests: { cpu: '900m' } } }],
  },
};
const COLLECTION = '/apis/apps/v1/namespaces/default/daemonsets';

describe('plan, against a cluster', () => {
  let folder: string;
  let server: FakeApiServer;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'everynode-plan-'));
  });
  afterEach(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  async function plan(proposals: readonly PlayedObject[]): Promise<{ code: number; out: string }> {
    const [kubeconfig, file] = [join(folder, 'config'), join(folder, 'proposed.json')];
    await writeFile(kubeconfig, kubeconfigFor(server.url));
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: proposals }));
    const terminal = recordingTerminal({ KUBECONFIG: kubeconfig });
    const code = await runProgram(['plan', '-f', file], terminal);
    return { code, out: terminal.stdout.text };
  }

  it('holds what is applied together against each other', async () => {
    const both = [stored('a'), stored('b')];
    server = await playCluster({ objects: [NODE], dryRuns: both });
    const { code, out } = await plan(both);
    expect(code).toBe(1);
    expect(out.match(/problem: .*/g)).toEqual([
      'problem: no room on 1 node (n1): cpu: needs 600m, and 400m is free',
    ]);
    expect(out.match(/Daemon tax: 2 DaemonSets request cpu 1200m/g)).toHaveLength(2);
  });

  it('knows the DaemonSet where DaemonSets may not be listed', async () => {
    server = await playCluster({ objects: [NODE, stored('a')], dryRuns: [stored('a')] });
    server.on('GET /apis/apps/v1/daemonsets', (exchange) =>
      exchange.refuse(403, { message: 'not everywhere' }),
    );
    const { code, out } = await plan([stored('a')]);
    expect(code).toBe(3);
    expect(out).toContain('DaemonSet default/a (update): 1 node gets a pod');
    expect(out).toContain('not looked at: daemonsets: not everywhere');
  });

  it('counts a webhook that does not answer as a refusal, and goes on with the next', async () => {
    server = await playCluster({ objects: [NODE, stored('b')], dryRuns: [stored('b')] });
    server.on(`POST ${COLLECTION}`, (exchange) =>
      exchange.refuse(500, { reason: 'InternalError', message: 'failed calling webhook "x": refused' }),
    );
    const { code, out } = await plan([stored('a'), stored('b')]);
    expect(code).toBe(1);
    expect(out).toContain('problem: the API server refuses it: failed calling webhook "x": refused');
    expect(out).toContain('DaemonSet default/b (update): 1 node gets a pod');
  });

  it('says that nothing comes of one that is being deleted', async () => {
    const going = stored('a');
    const metadata = { ...going.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
    server = await playCluster({ objects: [NODE, going], dryRuns: [{ ...going, metadata }] });
    const { code, out } = await plan([going]);
    expect(code).toBe(1);
    expect(out).toContain('problem: it is being deleted, and no pod of it is made');
  });

  it.each([
    ['Never', 'no room on 1 node (n1): cpu'],
    ['PreemptLowerPriority', 'room on 1 node (n1) only once pods of lower priority are evicted'],
  ])('asks what its priority class does: %s', async (preemptionPolicy, problem) => {
    const urgent = stored('a', { priorityClassName: 'urgent' });
    server = await playCluster({ objects: [NODE, LOW], dryRuns: [urgent] });
    server.on('GET /apis/scheduling.k8s.io/v1/priorityclasses/urgent', (exchange) =>
      exchange.answer({ value: 8, preemptionPolicy }),
    );
    const { code, out } = await plan([urgent]);
    expect(code).toBe(1);
    expect(out).toContain(`problem: ${problem}`);
  });
});
