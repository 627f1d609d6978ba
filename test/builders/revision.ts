import type { DaemonSet } from '../../src/api/daemonset.ts';
import { CONTROLLER_REVISION_HASH_LABEL } from '../../src/api/keys.ts';
import type { StringMap } from '../../src/api/meta.ts';
import type { RevisionRecord } from '../../src/api/revision.ts';
import { dataDigest, revisionData } from '../../src/core/history/revision-data.ts';
import { NOW } from './clock.ts';
import { controlledBy, type Owner } from './pod.ts';

export type RevisionOverrides = {
  /** The DaemonSet whose template it holds; without one it holds some template of the past. */
  readonly of?: DaemonSet;
  readonly number?: number;
  /** Milliseconds since the epoch. */
  readonly numberedAt?: number;
  readonly owner?: Owner;
  readonly labels?: StringMap;
  /** False for a revision that has no hash label. */
  readonly labelled?: boolean;
};

/** The ControllerRevision `demo-<hash>`. */
export function revision(hash: string, overrides: RevisionOverrides = {}): RevisionRecord {
  const { of, number = 1, owner = 'demo', labels = { app: 'demo' }, labelled = true } = overrides;
  return {
    name: `demo-${hash}`,
    namespace: 'default',
    uid: `uid-revision-${hash}`,
    resourceVersion: '1',
    labels: labelled ? { ...labels, [CONTROLLER_REVISION_HASH_LABEL]: hash } : labels,
    ...controlledBy(owner),
    revision: number,
    numberedAt: overrides.numberedAt ?? NOW,
    dataDigest: of ? dataDigest(revisionData(of.spec.template)) : `digest of ${hash}`,
  };
}
