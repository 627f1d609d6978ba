import { CONTROLLER_REVISION_HASH_LABEL } from '../../../api/keys.ts';
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
    const current = currentHash(change);
    const stale = daemonPods(change).filter(
      ({ labels, createdAt }) =>
        labels[CONTROLLER_REVISION_HASH_LABEL] !== current && now - createdAt > DAYS * DAY_MS,
    );
    if (stale.length === 0) return [];
    return [
      {
        path: 'spec.updateStrategy.type',
        message:
          `is OnDelete, and ${counted(stale.length, 'pod')} of older revisions run for more than ${DAYS} days ` +
          `(${listNames(stale.map(({ name }) => name).toSorted())}). Delete them, or set RollingUpdate`,
      },
    ];
  },
};

/** The hash label of the revision with the highest number. */
function currentHash({ object, namespace, cluster }: DaemonSetChange): string | undefined {
  const uid = readString(object, 'metadata', 'uid');
  const revisions = typeof uid === 'string' ? (cluster?.revisionsOf(namespace, uid) ?? []) : [];
  return revisions.toSorted((a, b) => b.revision - a.revision)[0]?.labels[CONTROLLER_REVISION_HASH_LABEL];
}
