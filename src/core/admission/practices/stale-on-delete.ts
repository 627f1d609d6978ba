import { CONTROLLER_REVISION_HASH_LABEL } from '../../../api/keys.ts';
import type { StringMap } from '../../../api/meta.ts';
import type { PodRecord } from '../../../api/pod.ts';
import type { RevisionRecord } from '../../../api/revision.ts';
import { counted, listNames } from '../list-names.ts';
import { readRollout } from '../read-rollout.ts';
import type { DaemonSetChange, DaemonSetRule } from '../rule.ts';
import { readString } from '../untrusted.ts';
import { daemonPods } from './daemon-pods.ts';

const DAYS = 3;
const DAY_MS = 86_400_000;

/** With OnDelete nothing renews a pod but its deletion: old ones that nobody deletes miss every fix. */
export const staleOnDelete: DaemonSetRule = {
  id: 'stale-on-delete',
  level: 'off',
  check: (change) => {
    const { object, now } = change;
    if (now === undefined || readRollout(object).type !== 'OnDelete') return [];
    const revisions = revisionsOf(change);
    const stale = daemonPods(change).filter((pod) => {
      const since = outdatedSince(pod, revisions);
      return since !== undefined && now - since > DAYS * DAY_MS;
    });
    if (stale.length === 0) return [];
    return [
      {
        path: 'spec.updateStrategy.type',
        message:
          `is OnDelete, and ${counted(stale.length, 'pod')} stayed behind a change of the template for more than ${DAYS} days ` +
          `(${listNames(stale.map(({ name }) => name).toSorted())}). Delete them, or set RollingUpdate`,
      },
    ];
  },
};

/** By number. Empty where they are not known. */
function revisionsOf({ object, namespace, cluster }: DaemonSetChange): readonly RevisionRecord[] {
  const uid = readString(object, 'metadata', 'uid');
  const revisions = typeof uid === 'string' ? (cluster?.revisionsOf(namespace, uid) ?? []) : [];
  return revisions.toSorted((a, b) => a.revision - b.revision);
}

/** When the template first became another than that of the pod; undefined for a pod of the current revision. */
function outdatedSince(
  { labels, createdAt }: PodRecord,
  revisions: readonly RevisionRecord[],
): number | undefined {
  const own = revisions.findIndex((each) => hashOf(each.labels) === hashOf(labels));
  // Of a pod whose revision is gone it is only known that it is not of the current one.
  const next = own < 0 ? revisions.at(-1) : revisions[own + 1];
  return next && Math.max(createdAt, next.numberedAt);
}

function hashOf(labels: StringMap): string | undefined {
  return labels[CONTROLLER_REVISION_HASH_LABEL];
}
