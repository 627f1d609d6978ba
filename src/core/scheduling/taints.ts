import type { Taint, TaintEffect } from '../../api/node.ts';
import type { Toleration } from '../../api/pod.ts';

/**
 * Whether the toleration covers the taint. `tolerationSeconds` plays no part: a pod that tolerates for a while
 * is created, and the taint manager ends it when the time is over.
 *
 * Source: upstream `v1helper.ToleratesTaint`. `Lt` and `Gt` belong to an alpha feature that is off by default
 * (TaintTolerationComparisonOperators) and tolerate nothing.
 */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? '') {
    case '':
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '');
    case 'Exists':
      return true;
    default:
      return false;
  }
}

/** The first taint with one of the effects that nothing tolerates; undefined when the pod may stay. */
export function untoleratedTaint(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  effects: readonly TaintEffect[],
): Taint | undefined {
  return taints.find(
    (taint) =>
      effects.includes(taint.effect) && !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
}
