import type { Violation } from '../../api/admission.ts';
import type { DaemonSetReview } from './rule.ts';
import { DAEMONSET_RULES } from './rules/index.ts';
import { field } from './untrusted.ts';

/** All violations of a DaemonSet. One that is being deleted is let through: only its finalizers can still change. */
export function reviewDaemonSet(review: DaemonSetReview): readonly Violation[] {
  if (field(review.object, 'metadata', 'deletionTimestamp') !== undefined) return [];
  return DAEMONSET_RULES.flatMap(({ id, level, check }) =>
    check(review).map((finding) => ({ rule: id, level, ...finding })),
  );
}
