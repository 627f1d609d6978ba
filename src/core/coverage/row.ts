import { CONTROLLER_REVISION_HASH_LABEL } from '../../api/keys.ts';
import { numberOf } from '../history/construct-history.ts';
import { type Observation, observe } from '../observe.ts';
import type { Snapshot } from '../plan.ts';
import type { Policy } from '../policy.ts';
import { isAvailable } from '../rollout/availability.ts';
import { isPodUpdated } from '../rollout/pod-updated.ts';
import { overviewFrom, type Overview, type Tone, verdictOn } from '../status/overview.ts';
import { CELL_CODES, cellOf } from './cell.ts';

/** The pods of one revision that are there and do not end. */
export type RevisionShare = {
  /** Absent where it is not stored (any more). */
  readonly revision?: number;
  /** Whether it is the one that new pods get. */
  readonly current: boolean;
  readonly pods: number;
  readonly available: number;
};

/** A DaemonSet against all nodes. */
export type CoverageRow = Omit<Overview, 'conditions' | 'unobserved'> & {
  /** In a word, such as `RolloutComplete`. */
  readonly state: string;
  /** How far it is, and what is wrong. */
  readonly message: string;
  readonly tone: Tone;
  /** Newest first. */
  readonly revisions: readonly RevisionShare[];
  /** One character for each node, as `CELL_CODES` has them. */
  readonly cells: string;
};

/**
 * How a DaemonSet stands on every node, and how far its rollout is.
 *
 * @param snapshot its nodes are in the order of the cells.
 * @throws InvalidStrategyError
 */
export function coverageRow(snapshot: Snapshot, now: number, policy: Policy): CoverageRow {
  const observation = observe(snapshot, now, policy);
  const { conditions, unobserved, ...overview } = overviewFrom(snapshot.daemonSet, observation);
  return {
    ...overview,
    ...verdictOn({ conditions, unobserved }),
    revisions: sharesOf(observation),
    cells: observation.rollout.nodes.map((state) => CELL_CODES[cellOf(state, observation.rollout)]).join(''),
  };
}

function sharesOf({ claimed, rollout, revisions, history }: Observation): readonly RevisionShare[] {
  const live = Map.groupBy(
    claimed.filter(({ terminating }) => !terminating),
    (pod) =>
      isPodUpdated(pod, rollout.revision) ? history.hash : pod.labels[CONTROLLER_REVISION_HASH_LABEL],
  );
  const shares = [...live].map(([hash, pods]): RevisionShare => {
    const revision = numberOf(hash, revisions.claimed);
    return {
      ...(revision !== undefined && { revision }),
      current: hash === history.hash,
      pods: pods.length,
      available: pods.filter((pod) => isAvailable(pod, rollout.minReadySeconds, rollout.now)).length,
    };
  });
  return shares.toSorted(
    (a, b) => Number(b.current) - Number(a.current) || (b.revision ?? 0) - (a.revision ?? 0),
  );
}
