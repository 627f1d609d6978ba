import type { AdmissionRequest } from '../../api/admission.ts';
import type { Toleration } from '../../api/pod.ts';
import { extraTolerationsFor } from '../placement/extra-tolerations.ts';
import { applyRule } from './apply-rule.ts';
import { checkDaemonSet } from './check-daemonset.ts';
import type { ClusterView } from './cluster-view.ts';
import { controllerOf, isDaemonPod } from './daemon-pod-request.ts';
import { mutatePod, validatePod } from './mutate-pod.ts';
import { podRules } from './pod-rules/index.ts';
import type { Operation } from './rule.ts';
import { type AdmissionSettings, DEFAULT_SETTINGS } from './settings.ts';
import { ALLOWED, type Verdict, verdictOf, type Violation } from './verdict.ts';

/** `mutate` may change the object, `validate` sees what is finally to be stored. */
export type Phase = 'mutate' | 'validate';

/** What the answers depend on beside the request. */
export type AdmissionContext = {
  readonly settings?: AdmissionSettings;
  /** Absent: rules that need it have no opinion. */
  readonly cluster?: ClusterView;
};

/** Kinds whose pod templates are judged for the labels they give. */
const WORKLOADS: readonly string[] = [
  'apps/v1 Deployment',
  'apps/v1 ReplicaSet',
  'apps/v1 StatefulSet',
  'batch/v1 Job',
  '/v1 ReplicationController',
];

/**
 * The answer to one admission request. DaemonSets are judged in both phases and never changed: the API server
 * validates between the two, so only a denial in the mutating phase reaches the user in our words. Pods are
 * judged and completed at CREATE, templates of other kinds judged; everything else is allowed.
 */
export function decide(phase: Phase, request: AdmissionRequest, context: AdmissionContext = {}): Verdict {
  const { kind, operation, subResource } = request;
  if (subResource !== '') return ALLOWED;
  const type = `${kind.group}/${kind.version} ${kind.kind}`;
  if (type === 'apps/v1 DaemonSet') return decideDaemonSet(request, context);
  if (type === '/v1 Pod') return operation === 'CREATE' ? decidePod(phase, request, context) : ALLOWED;
  if (WORKLOADS.includes(type) && (operation === 'CREATE' || operation === 'UPDATE')) {
    return verdictOf(judgePod(request, context));
  }
  return ALLOWED;
}

function decideDaemonSet(
  { operation, namespace, object, oldObject, options }: AdmissionRequest,
  { settings = DEFAULT_SETTINGS, cluster }: AdmissionContext,
): Verdict {
  if (!isOperation(operation)) return ALLOWED;
  const { blastRadius, rules } = settings;
  const change = {
    operation,
    namespace,
    object,
    oldObject,
    options,
    blastRadius,
    ...(cluster && { cluster }),
  };
  return verdictOf(checkDaemonSet(change, rules));
}

function decidePod(phase: Phase, request: AdmissionRequest, context: AdmissionContext): Verdict {
  const judged = verdictOf(judgePod(request, context));
  if (!judged.allowed) return judged;
  const completed =
    phase === 'mutate'
      ? mutatePod(request.object, extraTolerations(request, context))
      : validatePod(request.object);
  return withViolations(atLevels(completed, context), judged.violations);
}

function judgePod(
  { kind: { kind }, namespace, object, username }: AdmissionRequest,
  { settings: { rules, daemonPodMakers } = DEFAULT_SETTINGS, cluster }: AdmissionContext,
): readonly Violation[] {
  const creation = { kind, namespace, object, username, daemonPodMakers, ...(cluster && { cluster }) };
  return podRules.flatMap((rule) => applyRule(rule, rules, () => rule.check(creation)));
}

/** What the configuration gives to pods of this DaemonSet; nothing where the DaemonSet is not known. */
function extraTolerations(
  { namespace, object }: AdmissionRequest,
  { settings: { extraTolerations: configured } = DEFAULT_SETTINGS, cluster }: AdmissionContext,
): readonly Toleration[] {
  if (configured.length === 0 || !cluster || !isDaemonPod(object)) return [];
  const uid = controllerOf(object)?.['uid'];
  const owner = cluster.daemonSets(namespace).find(({ metadata }) => metadata.uid === uid);
  return owner ? extraTolerationsFor(owner, configured) : [];
}

/** Denials of the injection, at the level that is configured for their rule. */
function atLevels(verdict: Verdict, { settings: { rules } = DEFAULT_SETTINGS }: AdmissionContext): Verdict {
  if (verdict.allowed) return verdict;
  return verdictOf(
    verdict.violations.flatMap(({ rule, level, ...problem }) =>
      applyRule({ id: rule, level }, rules, () => [problem]),
    ),
  );
}

function withViolations(verdict: Verdict, more: readonly Violation[]): Verdict {
  return more.length === 0 ? verdict : { ...verdict, violations: [...more, ...verdict.violations] };
}

function isOperation(operation: string): operation is Operation {
  return operation === 'CREATE' || operation === 'UPDATE' || operation === 'DELETE';
}
