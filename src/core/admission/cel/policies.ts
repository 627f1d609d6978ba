import type { LabelSelector } from '../../../api/meta.ts';
import type { RuleLevels } from '../settings.ts';
import type { Level } from '../verdict.ts';
import { celString, type Floor } from './floor.ts';
import { floors } from './floors.ts';
import { DAEMON_PODS, LIVE_DAEMONSETS } from './match-conditions.ts';

export type FailurePolicy = 'Ignore' | 'Fail';

export type PolicyOptions = {
  readonly levels?: RuleLevels;
  /** What becomes of a DaemonSet whose policy cannot be evaluated. Pods always pass: nodes need them. */
  readonly failurePolicy?: FailurePolicy;
  /** Where DaemonSets pass whatever the failure policy is, so that the cluster can heal. */
  readonly systemNamespaces?: readonly string[];
};

/** An object as it is applied. */
export type PolicyObject = {
  readonly apiVersion: 'admissionregistration.k8s.io/v1';
  readonly kind: 'ValidatingAdmissionPolicy' | 'ValidatingAdmissionPolicyBinding';
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: object;
};

/** Label of a policy and its binding: the id of the rule that it keeps up. */
export const RULE_LABEL = 'everynode.dev/rule';
const LABELS = {
  'app.kubernetes.io/name': 'everynode',
  'app.kubernetes.io/component': 'policy',
  'app.kubernetes.io/part-of': 'everynode',
};
const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

/** Where a policy applies, and what happens there when it cannot be evaluated. */
type Scope = {
  readonly prefix: string;
  readonly failurePolicy: FailurePolicy;
  readonly namespaceSelector?: LabelSelector;
};

/**
 * The ValidatingAdmissionPolicies, each followed by its binding, that keep rules up while no webhook answers. One
 * policy a rule, so that each can be set to warn, or taken away, by its binding alone. They match what the
 * webhooks match. Rules that are off are left out.
 */
export function policies(options: PolicyOptions = {}): readonly PolicyObject[] {
  return floors.flatMap((floor) => {
    const { id, level: own } = floor.rule;
    const level = options.levels?.[id] ?? own;
    if (level === 'off') return [];
    return scopesOf(floor, options).flatMap((scope) => [policy(floor, scope), binding(floor, scope, level)]);
  });
}

function scopesOf({ on }: Floor, options: PolicyOptions): readonly Scope[] {
  const { failurePolicy = 'Ignore', systemNamespaces = [] } = options;
  if (on === 'pods' || failurePolicy === 'Ignore') return [{ prefix: '', failurePolicy: 'Ignore' }];
  if (systemNamespaces.length === 0) return [{ prefix: '', failurePolicy }];
  const namespaces = (operator: string): LabelSelector => ({
    matchExpressions: [{ key: NAMESPACE_NAME_LABEL, operator, values: systemNamespaces }],
  });
  return [
    { prefix: '', failurePolicy, namespaceSelector: namespaces('NotIn') },
    { prefix: 'system-', failurePolicy: 'Ignore', namespaceSelector: namespaces('In') },
  ];
}

function policy(floor: Floor, { prefix, failurePolicy, namespaceSelector }: Scope): PolicyObject {
  const { rule, on, operations, variables, expression, path, message, messageExpression } = floor;
  const opening = `[${rule.id}] ${path}: `;
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: metadata(floor, prefix),
    spec: {
      failurePolicy,
      matchConstraints: {
        matchPolicy: 'Equivalent',
        ...(namespaceSelector && { namespaceSelector }),
        resourceRules: [{ ...(on === 'pods' ? PODS : DAEMONSETS), operations, scope: 'Namespaced' }],
      },
      matchConditions: on === 'pods' ? DAEMON_PODS : LIVE_DAEMONSETS,
      variables,
      validations: [
        {
          expression,
          message: opening + message,
          messageExpression: `${celString(opening)} + ${messageExpression}`,
        },
      ],
    },
  };
}

const PODS = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const DAEMONSETS = { apiGroups: ['apps'], apiVersions: ['v1'], resources: ['daemonsets'] };

function binding(floor: Floor, { prefix }: Scope, level: Exclude<Level, 'off'>): PolicyObject {
  const named = metadata(floor, prefix);
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: named,
    spec: { policyName: named.name, validationActions: [level === 'deny' ? 'Deny' : 'Warn'] },
  };
}

function metadata({ rule: { id } }: Floor, prefix: string): PolicyObject['metadata'] {
  return { name: `${prefix}${id}.everynode.dev`, labels: { ...LABELS, [RULE_LABEL]: id } };
}
