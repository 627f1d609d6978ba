import type { DaemonSet } from '../api/daemonset.ts';
import type { StringMap } from '../api/meta.ts';
import type { NodeRecord, Taint } from '../api/node.ts';
import type { ControllerRef, PodRecord, PodSpec } from '../api/pod.ts';
import type { RevisionRecord } from '../api/revision.ts';
import { podSpecOf } from '../core/placement/extra-tolerations.ts';
import type { Policy } from '../core/policy.ts';
import { compileEligibility } from '../core/scheduling/eligibility.ts';
import { selectorMatches } from '../core/scheduling/label-selector.ts';
import type { Change } from '../kube/informer.ts';
import { BY_NAMESPACE, BY_NODE, type Caches } from './caches.ts';

/** The look-ups that tell which DaemonSets a change concerns. */
export type TriggerLookup = {
  daemonSet(key: string): DaemonSet | undefined;
  daemonSetsIn(namespace: string): readonly DaemonSet[];
  daemonSets(): Iterable<DaemonSet>;
  /** Pods that run on the node or are meant for it. */
  podsOn(node: string): readonly PodRecord[];
  /** The spec that its pods get. */
  readonly podSpec: (daemonSet: DaemonSet) => PodSpec;
};

/** The look-ups in caches. */
export function triggerLookup(
  { daemonSets, pods }: Pick<Caches, 'daemonSets' | 'pods'>,
  { extraTolerations }: Pick<Policy, 'extraTolerations'>,
): TriggerLookup {
  return {
    daemonSet: (key) => daemonSets.store.get(key),
    daemonSets: () => daemonSets.store.list(),
    daemonSetsIn: (namespace) => daemonSets.store.byIndex(BY_NAMESPACE, namespace),
    podsOn: (node) => pods.store.byIndex(BY_NODE, node),
    podSpec: (daemonSet) => podSpecOf(daemonSet, extraTolerations),
  };
}

/** What names an object to the work queue: `namespace/name`. */
export function keyOf({ namespace = '', name }: { namespace?: string; name: string }): string {
  return `${namespace}/${name}`;
}

/**
 * The DaemonSets to sync after a pod or a ControllerRevision changed: its controller, the one it had before,
 * and, for an orphan that is new or relabelled, every DaemonSet that may adopt it. Changes of fields that no
 * decision looks at concern nobody.
 *
 * Source: upstream `addPod`, `updatePod`, `deletePod` and their twins for history.
 */
export function keysForOwned<T extends PodRecord | RevisionRecord>(
  change: Change<T>,
  lookup: TriggerLookup,
): readonly string[] {
  const { old, current } = sidesOf(change);
  if (old && current && isSameRecord(old, current)) return [];
  const owners = [old, current].flatMap((record) => (record && ownerKey(record, lookup)) ?? []);
  const adopters = current && isNewOrphan(old, current) ? adoptersOf(current, lookup) : [];
  return [...new Set([...owners, ...adopters])];
}

/**
 * The DaemonSets that look different after it, for those who only watch: whoever does not adopt an orphan sees it all
 * the same, so these are also those that would adopt it, or would have.
 */
export function keysForSeen<T extends PodRecord | RevisionRecord>(
  change: Change<T>,
  lookup: TriggerLookup,
): readonly string[] {
  const { old, current } = sidesOf(change);
  if (old && current && isSameRecord(old, current)) return [];
  const adopters = [old, current].flatMap((record) =>
    record && record.controller === undefined ? adoptersOf(record, lookup) : [],
  );
  return [...new Set([...keysForOwned(change, lookup), ...adopters])];
}

/** The object before and after; undefined where there was, or is, none. */
function sidesOf<T>(change: Change<T>): { readonly old: T | undefined; readonly current: T | undefined } {
  switch (change.type) {
    case 'add':
      return { old: undefined, current: change.new };
    case 'update':
      return { old: change.old, current: change.new };
    case 'delete':
      return { old: change.old, current: undefined };
  }
}

/** Whether nothing controls the object, and that or its labels are news. */
function isNewOrphan<T extends PodRecord | RevisionRecord>(old: T | undefined, current: T): boolean {
  if (current.controller !== undefined || ('terminating' in current && current.terminating)) return false;
  return old === undefined || old.controller !== undefined || !sameMap(old.labels, current.labels);
}

function adoptersOf(orphan: PodRecord | RevisionRecord, lookup: TriggerLookup): readonly string[] {
  return lookup
    .daemonSetsIn(orphan.namespace)
    .filter(({ spec }) => selectorMatches(spec.selector, orphan.labels))
    .map(({ metadata }) => keyOf(metadata));
}

/**
 * The DaemonSets to sync after a node came, went or changed its labels or taints: those for which the answers
 * about the node are other ones now. So a new taint corrects the status at once, as does a deleted node.
 */
export function keysForNode(change: Change<NodeRecord>, lookup: TriggerLookup): readonly string[] {
  const { old, current } = sidesOf(change);
  const node = current ?? old;
  if (!node) return [];
  const turned = (old?.notReadySince === undefined) !== (current?.notReadySince === undefined);
  if (isUnchanged(old, current) && !turned) return [];
  // A node that came or went concerns whoever has pods there, eligible or not; one that goes down or comes back,
  // those whose conditions may name it: whose pod there is not ready, or who may have none there yet.
  const there = lookup.podsOn(node.name);
  const present = new Set(there.map(({ controller }) => controller?.uid));
  const concerned = there.filter((pod) => !(old && current) || (turned && !pod.ready));
  const owners = new Set(concerned.map(({ controller }) => controller?.uid));
  const keys: string[] = [];
  for (const daemonSet of lookup.daemonSets()) {
    const found = answer(daemonSet, current, lookup);
    const { uid } = daemonSet.metadata;
    const isMissing = turned && found === 'run' && !present.has(uid);
    const changed = answer(daemonSet, old, lookup) !== found;
    if (changed || isMissing || owners.has(uid)) keys.push(keyOf(daemonSet.metadata));
  }
  return keys;
}

/**
 * The same as upstream does it: a node that goes concerns nobody, and a new taint under which a pod may stay is
 * noticed when something else happens.
 *
 * Source: upstream `syncNodeUpdate`.
 */
export function keysForNodeUpstream(change: Change<NodeRecord>, lookup: TriggerLookup): readonly string[] {
  const { old, current } = sidesOf(change);
  if (!current || isUnchanged(old, current)) return [];
  const owners = new Set(
    lookup
      .podsOn(current.name)
      .filter(({ nodeName }) => nodeName !== undefined)
      .map(({ controller }) => controller?.uid),
  );
  return [...lookup.daemonSets()]
    .filter((daemonSet) => {
      const hasPod = owners.has(daemonSet.metadata.uid);
      const found = answer(daemonSet, current, lookup);
      if (!hasPod) return found === 'run';
      return found === 'none' || (daemonSet.status?.numberMisscheduled ?? 0) > 0;
    })
    .map(({ metadata }) => keyOf(metadata));
}

/** Whether a node came, went, or changed by more than a heartbeat. */
export function isMoreThanHeartbeat(change: Change<NodeRecord>): boolean {
  const { old, current } = sidesOf(change);
  return !isUnchanged(old, current) || old?.notReadySince !== current?.notReadySince;
}

/** Whether nothing changed that decides about pods. */
function isUnchanged(old: NodeRecord | undefined, current: NodeRecord | undefined): boolean {
  if (!old || !current) return false;
  return sameMap(old.labels, current.labels) && sameTaints(old.taints, current.taints);
}

/** DaemonSets are never changed in place, so what is compiled for a template holds for as long as it exists. */
const compiled = new WeakMap<object, ReturnType<typeof compileEligibility>>();

function answer(
  daemonSet: DaemonSet,
  node: NodeRecord | undefined,
  { podSpec }: TriggerLookup,
): 'run' | 'continue' | 'none' {
  if (!node) return 'none';
  const { template } = daemonSet.spec;
  let eligibility = compiled.get(template);
  if (!eligibility) {
    eligibility = compileEligibility(podSpec(daemonSet));
    compiled.set(template, eligibility);
  }
  const { shouldRun, shouldContinueRunning } = eligibility(node);
  if (shouldRun) return 'run';
  return shouldContinueRunning ? 'continue' : 'none';
}

function ownerKey(
  { controller, namespace }: { controller?: ControllerRef; namespace: string },
  lookup: TriggerLookup,
): string | undefined {
  if (controller?.kind !== 'DaemonSet') return undefined;
  const key = keyOf({ namespace, name: controller.name });
  return lookup.daemonSet(key)?.metadata.uid === controller.uid ? key : undefined;
}

function isSameRecord(a: PodRecord | RevisionRecord, b: PodRecord | RevisionRecord): boolean {
  const fields = new Set([...Object.keys(a), ...Object.keys(b)]);
  fields.delete('resourceVersion');
  fields.delete('labels');
  fields.delete('controller');
  const left: Record<string, unknown> = a;
  const right: Record<string, unknown> = b;
  return (
    a.controller?.uid === b.controller?.uid &&
    sameMap(a.labels, b.labels) &&
    [...fields].every((field) => left[field] === right[field])
  );
}

function sameMap(a: StringMap, b: StringMap): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key])
  );
}

function sameTaints(a: readonly Taint[], b: readonly Taint[]): boolean {
  return (
    a.length === b.length &&
    a.every(
      ({ key, value, effect }, index) =>
        key === b[index]?.key && value === b[index]?.value && effect === b[index]?.effect,
    )
  );
}
