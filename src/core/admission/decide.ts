import type { AdmissionRequest } from '../../api/admission.ts';
import { checkDaemonSet, type RuleLevels } from './check-daemonset.ts';
import { mutatePod, validatePod } from './mutate-pod.ts';
import { ALLOWED, type Verdict, verdictOf } from './verdict.ts';

/** `mutate` may change the object, `validate` sees what is finally to be stored. */
export type Phase = 'mutate' | 'validate';

/**
 * The answer to one admission request. DaemonSets are judged in both phases and never changed: the API server
 * validates between the two, so only a denial in the mutating phase reaches the user in our words. What is not
 * an `apps/v1` DaemonSet at CREATE or UPDATE or a Pod at CREATE is allowed.
 */
export function decide(phase: Phase, request: AdmissionRequest, levels: RuleLevels = {}): Verdict {
  const { kind, operation, subResource, object, oldObject } = request;
  if (subResource !== '') return ALLOWED;
  switch (`${kind.group}/${kind.version} ${kind.kind}`) {
    case 'apps/v1 DaemonSet':
      if (operation !== 'CREATE' && operation !== 'UPDATE') return ALLOWED;
      return verdictOf(checkDaemonSet({ operation, object, oldObject }, levels));
    case '/v1 Pod':
      if (operation !== 'CREATE') return ALLOWED;
      return phase === 'mutate' ? mutatePod(object) : validatePod(object);
    default:
      return ALLOWED;
  }
}
