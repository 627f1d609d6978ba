import type { DaemonSet, DaemonSetCondition, DaemonSetCounts } from '../../api/daemonset.ts';
import { numberOf } from '../history/construct-history.ts';
import { type Observation, observe } from '../observe.ts';
import type { Snapshot } from '../plan.ts';
import type { Policy } from '../policy.ts';
import { daemonSetConditions } from '../reconcile.ts';
import { isRollingUpdate } from '../rollout/update-strategy.ts';
import { countStatus } from './counts.ts';

/** A DaemonSet at a glance: what a sync would see now, whatever its status says. */
export type Overview = DaemonSetCounts & {
  /** `namespace/name`. */
  readonly daemonSet: string;
  /** Number of the current revision; absent until it is stored. */
  readonly revision?: number;
  readonly strategy: 'RollingUpdate' | 'OnDelete';
  readonly conditions: readonly DaemonSetCondition[];
  /** Whether nobody has acted on the last change of the spec yet. */
  readonly unobserved: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
};

/**
 * Counts and conditions as the sync loop computes them, also where somebody else makes the pods and writes no
 * conditions.
 *
 * @throws InvalidStrategyError
 */
export function overviewOf(snapshot: Snapshot, now: number, policy: Policy): Overview {
  return overviewFrom(snapshot.daemonSet, observe(snapshot, now, policy));
}

/** The same, of what was observed already. */
export function overviewFrom(
  daemonSet: DaemonSet,
  { rollout, history, revisions }: Pick<Observation, 'rollout' | 'history' | 'revisions'>,
): Overview {
  const { metadata, status = {} } = daemonSet;
  const counts = countStatus(rollout);
  const current = numberOf(history.hash, revisions.claimed);
  return {
    daemonSet: `${metadata.namespace}/${metadata.name}`,
    ...counts,
    ...(current !== undefined && { revision: current }),
    strategy: isRollingUpdate(daemonSet) ? 'RollingUpdate' : 'OnDelete',
    conditions: daemonSetConditions(daemonSet, rollout, counts),
    unobserved: (status.observedGeneration ?? 0) < (metadata.generation ?? 0),
    createdAt: Date.parse(metadata.creationTimestamp),
  };
}

/** Whether all is done, something is under way, or somebody has to look. */
export type Tone = 'good' | 'busy' | 'bad';

export type Verdict = {
  /** In a word: the reason of the condition that says most. */
  readonly state: string;
  /** How far it is, and what is wrong. */
  readonly message: string;
  readonly tone: Tone;
};

/** What its conditions come to. */
export function verdictOn({ conditions, unobserved }: Pick<Overview, 'conditions' | 'unobserved'>): Verdict {
  const condition = decisive(conditions);
  if (unobserved) {
    const tone = condition?.status === 'False' ? 'bad' : 'busy';
    return { state: 'NotObserved', message: 'its last change has not been acted on yet', tone };
  }
  return {
    state: condition?.reason ?? 'Unknown',
    message: condition?.message ?? '',
    tone: toneOf(condition),
  };
}

/** Trouble first, then how the rollout goes. */
function decisive(conditions: readonly DaemonSetCondition[]): DaemonSetCondition | undefined {
  const [available, progressing] = ['Available', 'Progressing'].map((type) =>
    conditions.find((condition) => condition.type === type),
  );
  if (progressing?.status === 'False') return progressing;
  return available?.status === 'False' ? available : progressing;
}

function toneOf(condition: DaemonSetCondition | undefined): Tone {
  if (condition?.status === 'False') return 'bad';
  return condition?.reason === 'RolloutComplete' ? 'good' : 'busy';
}
