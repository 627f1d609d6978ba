import type { AdmissionRequest, Verdict } from '../../api/admission.ts';
import { mutatePod } from './mutate-pod.ts';
import { reviewDaemonSet } from './review-daemonset.ts';

export type AdmissionPhase = 'mutate' | 'validate';

const ALLOWED: Verdict = { patch: [], violations: [] };

/**
 * Decides about one request. DaemonSets are judged in both phases and changed in none: the API server validates
 * before validating webhooks are called, so only the mutating phase can explain what it would refuse itself.
 * Pods are completed in the mutating phase; in the validating one they must need nothing any more.
 */
export function reviewAdmission(phase: AdmissionPhase, request: AdmissionRequest): Verdict {
  const { kind, operation, object, oldObject, subResource } = request;
  if (subResource || object === undefined || object === null) return ALLOWED;
  if (
    kind.group === 'apps' &&
    kind.kind === 'DaemonSet' &&
    (operation === 'CREATE' || operation === 'UPDATE')
  ) {
    return {
      patch: [],
      violations: reviewDaemonSet({ object, ...(operation === 'UPDATE' && { oldObject }) }),
    };
  }
  if (kind.group === '' && kind.kind === 'Pod' && operation === 'CREATE') {
    const verdict = mutatePod(object);
    return phase === 'mutate' ? verdict : { patch: [], violations: verdict.violations };
  }
  return ALLOWED;
}
