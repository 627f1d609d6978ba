import type { DaemonSet } from '../src/api/daemonset.ts';
import type { NodeRecord } from '../src/api/node.ts';
import type { PodRecord } from '../src/api/pod.ts';
import type { RevisionRecord } from '../src/api/revision.ts';
import { dataDigest, revisionData } from '../src/core/history/revision-data.ts';
import { isEmptyPlan, type Plan, type Snapshot } from '../src/core/plan.ts';
import { DEFAULT_POLICY } from '../src/core/policy.ts';
import { reconcile } from '../src/core/reconcile.ts';
import { nodeRecord, podRecord, revisionRecord } from '../src/core/records/records.ts';
import { IndexedStore } from '../src/kube/store.ts';
import { BY_NODE, BY_OWNER, ownerIndexValue } from '../src/cache/caches.ts';
import { nodeManifest } from '../src/localcluster/nodes.ts';

export type Timing = {
  readonly nodes: number;
  readonly daemonSets: number;
  readonly milliseconds: readonly number[];
};

const NOW = Date.UTC(2026, 0, 15);
const TIME = new Date(NOW - 3_600_000).toISOString();
const ROUNDS = 20;

/** Times one reconcile of a settled DaemonSet, warmed up; for several, one after the other, the whole round. */
export function timeReconcile(nodes: number, daemonSets: number): Timing {
  const snapshots = settledSnapshots(nodes, daemonSets);
  const milliseconds: number[] = [];
  for (let round = 0; round < ROUNDS + 5; round += 1) {
    const started = performance.now();
    const plans = snapshots.map((snapshot) => reconcile(snapshot, NOW, DEFAULT_POLICY));
    if (round >= 5) milliseconds.push(performance.now() - started);
    assertSettled(plans);
  }
  return { nodes, daemonSets, milliseconds };
}

/** Bytes of heap that the records of so many pods take, in the store and its indexes. */
export function memoryOfPods(
  nodes: number,
  daemonSets: number,
): { readonly pods: number; readonly bytes: number } {
  const store = new IndexedStore<PodRecord>({
    [BY_OWNER]: ({ namespace, controller }) => [ownerIndexValue(namespace, controller?.uid)],
    [BY_NODE]: ({ targetNode }) => (targetNode === undefined ? [] : [targetNode]),
  });
  const before = heapUsed();
  for (let set = 0; set < daemonSets; set += 1) {
    for (let node = 0; node < nodes; node += 1) {
      // From JSON text, as they come: nothing is shared that would not be.
      const record = podRecord(JSON.parse(JSON.stringify(rawPod(set, node))));
      store.set(`${record.namespace}/${record.name}`, record);
    }
  }
  const bytes = heapUsed() - before;
  return { pods: store.size, bytes };
}

function heapUsed(): number {
  if (!globalThis.gc) throw new Error('run with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function assertSettled(plans: readonly Plan[]): void {
  const busy = plans.find((plan) => !isEmptyPlan(plan));
  if (busy) throw new Error(`a settled DaemonSet was given work: ${JSON.stringify(busy).slice(0, 500)}`);
}

function settledSnapshots(count: number, daemonSets: number): readonly Snapshot[] {
  const nodes = Array.from({ length: count }, (_, index) => nodeOf(index)).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  return Array.from({ length: daemonSets }, (_, set) => {
    const pods = nodes.map((_, index) => podRecord(rawPod(set, index)));
    const snapshot: Snapshot = {
      daemonSet: daemonSet(set),
      nodes,
      pods,
      revisions: [revisionOf(set)],
      expectationsSatisfied: true,
      backoff: new Map(),
    };
    const { status } = reconcile(snapshot, NOW, DEFAULT_POLICY);
    return { ...snapshot, daemonSet: { ...snapshot.daemonSet, ...(status && { status }) } };
  });
}

function nodeOf(index: number): NodeRecord {
  const manifest = nodeManifest({ name: `node-${index}` }, index) as { metadata: object };
  const stored = { uid: `node-uid-${index}`, resourceVersion: '1', creationTimestamp: TIME };
  return nodeRecord({ ...manifest, metadata: { ...manifest.metadata, ...stored } });
}

function template(set: number): DaemonSet['spec']['template'] {
  return {
    metadata: { labels: { app: `agent-${set}`, tier: 'node' } },
    spec: {
      tolerations: [
        { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
      ],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      containers: [{ name: 'agent', image: `registry.example/agent-${set}:1.0` }],
    },
  };
}

function daemonSet(set: number): DaemonSet {
  return {
    metadata: {
      name: `agent-${set}`,
      namespace: 'kube-system',
      uid: `uid-${set}`,
      resourceVersion: '1',
      creationTimestamp: TIME,
      generation: 1,
      annotations: { 'deprecated.daemonset.template.generation': '1' },
    },
    spec: {
      selector: { matchLabels: { app: `agent-${set}` } },
      template: template(set),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%', maxSurge: 0 } },
      revisionHistoryLimit: 10,
    },
  };
}

function revisionOf(set: number): RevisionRecord {
  const data = JSON.parse(revisionData(template(set))) as object;
  const record = revisionRecord({
    metadata: {
      name: `agent-${set}-5c8f6d7b9`,
      namespace: 'kube-system',
      uid: `revision-${set}`,
      resourceVersion: '1',
      creationTimestamp: TIME,
      labels: { app: `agent-${set}`, tier: 'node', 'controller-revision-hash': '5c8f6d7b9' },
      ownerReferences: owners(set),
    },
    revision: 1,
    data,
  });
  return { ...record, dataDigest: dataDigest(revisionData(template(set))) };
}

function owners(set: number): readonly object[] {
  const controller = { controller: true, blockOwnerDeletion: true };
  return [
    { apiVersion: 'apps/v1', kind: 'DaemonSet', name: `agent-${set}`, uid: `uid-${set}`, ...controller },
  ];
}

function rawPod(set: number, node: number): object {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [`node-${node}`] }];
  return {
    metadata: {
      name: `agent-${set}-${node.toString(36).padStart(5, '0')}`,
      namespace: 'kube-system',
      uid: `0e6c8a1e-5f6d-4b6e-9d54-${String(set * 100_000 + node).padStart(12, '0')}`,
      resourceVersion: String(1_000_000 + node),
      creationTimestamp: TIME,
      labels: {
        app: `agent-${set}`,
        tier: 'node',
        'controller-revision-hash': '5c8f6d7b9',
        'pod-template-generation': '1',
      },
      ownerReferences: owners(set),
    },
    spec: {
      nodeName: `node-${node}`,
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
        },
      },
    },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: TIME }],
    },
  };
}
