import type { DaemonSet } from '../../api/daemonset.ts';
import { CONTROLLER_REVISION_HASH_LABEL } from '../../api/keys.ts';
import type { PodRecord } from '../../api/pod.ts';
import type { RevisionManifest, RevisionRecord } from '../../api/revision.ts';
import { controllerRefOf } from '../ownership/claim.ts';
import type { HistoryAction } from '../plan.ts';
import { dataDigest, revisionData } from './revision-data.ts';
import { revisionHash } from './revision-hash.ts';

const MAX_NAME = 253;

export type History = {
  /** Hash label that marks pods of the current template. */
  readonly hash: string;
  /** When the current revision became current, milliseconds since the epoch; undefined: it does with this plan. */
  readonly since: number | undefined;
  /** Revisions of earlier templates. */
  readonly old: readonly RevisionRecord[];
  readonly actions: readonly HistoryAction[];
};

/**
 * Finds the revision that holds the current template among the claimed ones, or plans to create it; plans to
 * merge duplicates, to give a rolled-back revision the highest number, and to label what lacks a label.
 *
 * Source: upstream `constructHistory`. Differs in one point: when duplicates are merged only their own pods are
 * relabelled, not those of older revisions, which would then look updated (kubernetes#111280).
 */
export function constructHistory(
  daemonSet: DaemonSet,
  revisions: readonly RevisionRecord[],
  pods: readonly PodRecord[],
): History {
  const data = revisionData(daemonSet.spec.template);
  const digest = dataDigest(data);
  const current = revisions.filter((revision) => revision.dataDigest === digest);
  const old = revisions.filter((revision) => revision.dataDigest !== digest);
  const wanted = Math.max(0, ...old.map(({ revision }) => revision)) + 1;

  const actions: HistoryAction[] = revisions
    .filter(({ labels }) => labels[CONTROLLER_REVISION_HASH_LABEL] === undefined)
    .map((revision) => ({ kind: 'labelRevision', revision, hash: revision.name }));

  const kept = current.reduce<RevisionRecord | undefined>(
    (best, revision) => (best && best.revision > revision.revision ? best : revision),
    undefined,
  );
  if (!kept) {
    const manifest = newRevision(daemonSet, data, wanted);
    actions.push({ kind: 'createRevision', manifest, dataDigest: digest });
    return { hash: manifest.labels[CONTROLLER_REVISION_HASH_LABEL] ?? '', since: undefined, old, actions };
  }
  const duplicates = current.filter((revision) => revision !== kept);
  actions.push(...mergeDuplicates(duplicates, hashOf(kept), pods));
  const isOlder = kept.revision < wanted;
  if (isOlder) actions.push({ kind: 'renumberRevision', revision: kept, to: wanted });
  return { hash: hashOf(kept), since: isOlder ? undefined : kept.numberedAt, old, actions };
}

/** The hash that a revision stands for: its label, else its own name. */
export function hashOf(revision: RevisionRecord): string {
  return revision.labels[CONTROLLER_REVISION_HASH_LABEL] ?? revision.name;
}

/** The number of the revision that a hash stands for; undefined where it is not stored. */
export function numberOf(hash: string | undefined, revisions: readonly RevisionRecord[]): number | undefined {
  return revisions.find((revision) => hashOf(revision) === hash)?.revision;
}

function mergeDuplicates(
  duplicates: readonly RevisionRecord[],
  hash: string,
  pods: readonly PodRecord[],
): readonly HistoryAction[] {
  const merged = new Set(duplicates.map(hashOf));
  merged.delete(hash);
  return [
    ...pods
      .filter((pod) => merged.has(pod.labels[CONTROLLER_REVISION_HASH_LABEL] ?? ''))
      .map((pod): HistoryAction => ({ kind: 'relabelPod', pod, hash })),
    ...duplicates.map((revision): HistoryAction => ({ kind: 'deleteRevision', revision })),
  ];
}

function newRevision(daemonSet: DaemonSet, data: string, revision: number): RevisionManifest {
  const { name, namespace, annotations = {} } = daemonSet.metadata;
  const hash = revisionHash(data, daemonSet.status?.collisionCount);
  return {
    name: revisionName(name, hash),
    namespace,
    labels: { ...daemonSet.spec.template.metadata?.labels, [CONTROLLER_REVISION_HASH_LABEL]: hash },
    annotations,
    ownerReferences: [controllerRefOf(daemonSet)],
    revision,
    data,
  };
}

/** The name is cut where it would be too long with the hash: upstream then makes no pods at all. */
function revisionName(name: string, hash: string): string {
  return `${name.slice(0, MAX_NAME - hash.length - 1).replace(/[.-]+$/, '')}-${hash}`;
}
