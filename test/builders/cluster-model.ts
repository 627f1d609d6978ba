import { CONTROLLER_REVISION_HASH_LABEL } from '../../src/api/keys.ts';
import type { PodRecord } from '../../src/api/pod.ts';
import type { RevisionRecord } from '../../src/api/revision.ts';
import { isEmptyPlan, type Plan, type PodCreation, type Snapshot } from '../../src/core/plan.ts';
import type { Policy } from '../../src/core/policy.ts';
import { reconcile } from '../../src/core/reconcile.ts';
import { podRecord } from '../../src/core/records/records.ts';
import { STRICT } from './plan.ts';
import { controlledBy } from './pod.ts';
import { snapshot } from './snapshot.ts';

/** A cluster that does what plans ask for: what the API server, scheduler and kubelets would make of them. */
export type Cluster = { readonly snapshot: Snapshot; readonly now: number; readonly policy?: Policy };

/** What becomes of a pod once it is bound; `unbound`: no scheduler finds room for it. */
export type Fate = 'ready' | 'failed' | 'stuck' | 'unbound';
export type Fates = (pod: PodRecord) => Fate;

const allReady: Fates = () => 'ready';
const TICK_MS = 10_000;

/** The cluster right after the plan was carried out. Deleted pods that were bound are still terminating. */
export function applyPlan(cluster: Cluster, plan: Plan): Cluster {
  const { snapshot: before, now } = cluster;
  const deleted = new Set(plan.deletePods.map(({ pod }) => pod.uid));
  const pods = changedPods(before, plan)
    .filter((pod) => !(deleted.has(pod.uid) && pod.nodeName === undefined))
    .map((pod) => (deleted.has(pod.uid) ? { ...pod, terminating: true } : pod));
  const created = plan.createPods.map((creation, index) => createdPod(creation, `${now}-${index}`, now));

  const status = { ...before.daemonSet.status, ...plan.status };
  const sameGeneration = status.observedGeneration === before.daemonSet.status?.observedGeneration;
  const after = snapshot({
    ...before,
    daemonSet: { ...before.daemonSet, status },
    pods: [...pods, ...created],
    revisions: changedRevisions(before, plan, now),
    backoff: sameGeneration ? plan.backoff : new Map(),
  });
  return { ...cluster, snapshot: after };
}

function changedPods(before: Snapshot, plan: Plan): readonly PodRecord[] {
  const byUid = new Map(before.pods.map((pod) => [pod.uid, pod]));
  for (const claim of plan.claims) {
    if (claim.kind === 'adoptPod') byUid.set(claim.pod.uid, { ...claim.pod, ...controlledBy('demo') });
    if (claim.kind === 'releasePod') byUid.set(claim.pod.uid, withoutController(claim.pod));
  }
  for (const action of plan.history) {
    const pod = action.kind === 'relabelPod' ? byUid.get(action.pod.uid) : undefined;
    if (action.kind === 'relabelPod' && pod) byUid.set(pod.uid, withHash(pod, action.hash));
  }
  return [...byUid.values()];
}

function changedRevisions(before: Snapshot, plan: Plan, now: number): readonly RevisionRecord[] {
  const byUid = new Map(before.revisions.map((revision) => [revision.uid, revision]));
  const change = ({ uid }: RevisionRecord, with_: (now: RevisionRecord) => RevisionRecord): void => {
    const revision = byUid.get(uid);
    if (revision) byUid.set(uid, with_(revision));
  };
  for (const claim of plan.claims) {
    if (claim.kind === 'adoptRevision')
      change(claim.revision, (now) => ({ ...now, ...controlledBy('demo') }));
    if (claim.kind === 'releaseRevision') change(claim.revision, withoutController);
  }
  for (const action of plan.history) {
    if (action.kind === 'labelRevision') change(action.revision, (old) => withHash(old, action.hash));
    if (action.kind === 'renumberRevision')
      change(action.revision, (old) => ({ ...old, revision: action.to, numberedAt: now }));
    if (action.kind === 'deleteRevision') byUid.delete(action.revision.uid);
    if (action.kind === 'createRevision') {
      const { manifest, dataDigest } = action;
      const { name, namespace, labels, revision } = manifest;
      const identity = { name, namespace, labels, uid: `uid-${name}`, resourceVersion: '1' };
      byUid.set(identity.uid, {
        ...identity,
        ...controlledBy('demo'),
        revision,
        numberedAt: now,
        dataDigest,
      });
    }
  }
  for (const { uid } of plan.cleanup) byUid.delete(uid);
  return [...byUid.values()];
}

function withHash<T extends PodRecord | RevisionRecord>(record: T, hash: string): T {
  return { ...record, labels: { ...record.labels, [CONTROLLER_REVISION_HASH_LABEL]: hash } };
}

function withoutController<T extends PodRecord | RevisionRecord>(record: T): T {
  const { controller: _, ...rest } = record;
  return rest as T;
}

function createdPod({ manifest }: PodCreation, suffix: string, now: number): PodRecord {
  const metadata = {
    ...manifest.metadata,
    name: `${manifest.metadata.generateName}${suffix}`,
    uid: `uid-created-${suffix}`,
    resourceVersion: '1',
    creationTimestamp: new Date(now).toISOString(),
  };
  return podRecord({ ...manifest, metadata });
}

/**
 * The cluster some time later: terminating pods are gone, and so are pods of vanished nodes; unbound ones are
 * bound, and bound ones have met their fate.
 */
export function passTime(cluster: Cluster, ms: number, fates: Fates = allReady): Cluster {
  const { snapshot: before, now } = cluster;
  const known = new Set(before.nodes.map(({ name }) => name));
  const pods = before.pods
    .filter((pod) => !pod.terminating && (pod.nodeName === undefined || known.has(pod.nodeName)))
    .map((pod) => grown(pod, now, { known, fates }));
  return { ...cluster, snapshot: snapshot({ ...before, pods }), now: now + ms };
}

function grown(
  pod: PodRecord,
  now: number,
  { known, fates }: { readonly known: ReadonlySet<string>; readonly fates: Fates },
): PodRecord {
  const { targetNode } = pod;
  if (targetNode === undefined || !known.has(targetNode) || pod.ready) return pod;
  if (pod.phase === 'Failed' || pod.phase === 'Succeeded') return pod;
  const bound = { ...pod, nodeName: targetNode };
  switch (fates(pod)) {
    case 'unbound':
      return pod;
    case 'ready':
      return { ...bound, phase: 'Running', ready: true, readyChangedAt: now };
    case 'failed':
      return { ...bound, phase: 'Failed' };
    case 'stuck':
      return pod.nodeName === undefined ? bound : pod;
  }
}

export type Step = { readonly plan: Plan; readonly cluster: Cluster };

/** One sync and the time until the next one. */
export function step(cluster: Cluster, fates: Fates = allReady): Step {
  const plan = reconcile(cluster.snapshot, cluster.now, cluster.policy ?? STRICT);
  const ms = Math.max(TICK_MS, plan.requeueAfterMs ?? 0);
  return { plan, cluster: passTime(applyPlan(cluster, plan), ms, fates) };
}

/** Syncs until nothing is left to do and nothing changes by itself, or until the patience is over. */
export function settle(cluster: Cluster, patience = 200, fates: Fates = allReady): readonly Step[] {
  const steps: Step[] = [];
  let current = cluster;
  while (steps.length < patience) {
    const next = step(current, fates);
    steps.push(next);
    const idle = isEmptyPlan(next.plan) && next.plan.requeueAfterMs === undefined;
    if (idle && isStill(current)) break;
    current = next.cluster;
  }
  return steps;
}

/** Whether time alone changes nothing any more. */
function isStill(cluster: Cluster): boolean {
  const before = cluster.snapshot.pods;
  const after = passTime(cluster, 0).snapshot.pods;
  return after.length === before.length && after.every((pod, index) => pod === before[index]);
}
