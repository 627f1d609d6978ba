import { describe, expect, it } from 'vitest';
import { floors, keptByApiServer, needsWebhook } from '../../../../src/core/admission/cel/floors.ts';
import { policies, type PolicyObject, RULE_LABEL } from '../../../../src/core/admission/cel/policies.ts';
import { ruleIds } from '../../../../src/core/admission/rule-ids.ts';
import { webhookConfigurations } from '../../../../src/webhook/webhook-entries.ts';

type Rule = { readonly resources: readonly string[]; readonly operations: readonly string[] };
type Spec = {
  readonly failurePolicy: string;
  readonly matchConstraints: {
    readonly resourceRules: readonly Rule[];
    readonly matchPolicy: string;
    readonly namespaceSelector?: object;
  };
  readonly matchConditions: readonly object[];
  readonly validations: readonly { readonly message: string; readonly messageExpression: string }[];
};
type Entry = { readonly rules: readonly Rule[]; readonly matchConditions: readonly object[] };

const specsOf = (objects: readonly PolicyObject[]): readonly Spec[] =>
  objects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy').map(({ spec }) => spec as Spec);
const actionsOf = (objects: readonly PolicyObject[], id: string): readonly unknown[] =>
  objects
    .filter(({ kind, metadata }) => kind.endsWith('Binding') && metadata.labels[RULE_LABEL] === id)
    .map(({ spec }) => (spec as { validationActions: unknown }).validationActions);

describe('the policies', () => {
  it('are the same bytes every time', () => {
    expect(JSON.stringify(policies())).toBe(JSON.stringify(policies()));
  });

  it('come each with a binding of its name', () => {
    const objects = policies({ failurePolicy: 'Fail', systemNamespaces: ['kube-system'] });
    const named = (kind: string): readonly string[] =>
      objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
    expect(new Set(named('ValidatingAdmissionPolicy')).size).toBe(specsOf(objects).length);
    expect(named('ValidatingAdmissionPolicyBinding')).toEqual(named('ValidatingAdmissionPolicy'));
  });

  it('deny and warn at the levels of the rules', () => {
    expect(actionsOf(policies(), 'surge-host-port')).toEqual([['Warn']]);
    expect(actionsOf(policies(), 'pod-not-pinned')).toEqual([['Deny']]);
  });

  it('deny, warn or are left out as configured', () => {
    const configured = policies({
      levels: { 'surge-host-port': 'deny', 'pod-not-pinned': 'warn', 'placement-unknown': 'off' },
    });
    expect(actionsOf(configured, 'surge-host-port')).toEqual([['Deny']]);
    expect(actionsOf(configured, 'pod-not-pinned')).toEqual([['Warn']]);
    expect(configured.filter(({ metadata }) => metadata.labels[RULE_LABEL] === 'placement-unknown')).toEqual(
      [],
    );
  });

  it('never fail closed for Pods, nor in the system namespaces', () => {
    const systemNamespaces = ['kube-system', 'everynode-system'];
    for (const spec of specsOf(policies({ failurePolicy: 'Fail', systemNamespaces }))) {
      const { resourceRules, namespaceSelector } = spec.matchConstraints;
      const [rule] = resourceRules;
      if (rule?.resources.includes('pods')) expect(spec.failurePolicy).toBe('Ignore');
      else {
        const operator = spec.failurePolicy === 'Fail' ? 'NotIn' : 'In';
        expect(namespaceSelector).toEqual({
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator, values: systemNamespaces }],
        });
      }
    }
  });

  it('match what the webhooks match', () => {
    const [, validating] = webhookConfigurations({
      name: 'everynode',
      endpoint: { url: 'https://localhost' },
      failurePolicy: 'Ignore',
      systemNamespaces: [],
      workloads: false,
    }) as readonly { readonly webhooks: readonly Entry[] }[];
    for (const { matchConstraints, matchConditions } of specsOf(policies())) {
      const [rule] = matchConstraints.resourceRules;
      const entry = validating?.webhooks.find(
        ({ rules }) => String(rules[0]?.resources) === String(rule?.resources),
      );
      const { operations = [] } = entry?.rules[0] ?? {};
      expect(rule).toEqual({ ...entry?.rules[0], operations: rule?.operations });
      expect(operations).toEqual(expect.arrayContaining([...(rule?.operations ?? [])]));
      expect(matchConditions).toEqual(entry?.matchConditions);
    }
  });

  it.each(floors.map((floor) => [floor.rule.id, floor] as const))(
    'of %s says which rule it is, in a message that is always valid',
    (id) => {
      const [spec] = specsOf(policies()).filter(({ validations }) =>
        validations[0]?.message.startsWith(`[${id}] `),
      );
      expect(spec?.validations[0]?.messageExpression).toContain(`[${id}] `);
      expect(spec?.validations[0]?.message).not.toContain('\n');
    },
  );
});

describe('every rule', () => {
  const withPolicy = floors.map(({ rule }) => rule.id);

  it.each(ruleIds)(
    '%s: it is said who keeps it up while no webhook answers (core/admission/cel/floors.ts)',
    (id) => {
      const places = [withPolicy, keptByApiServer, needsWebhook].filter((ids) => ids.includes(id));
      expect(places).toHaveLength(1);
    },
  );

  it('that is named there exists', () => {
    expect([...withPolicy, ...keptByApiServer, ...needsWebhook].toSorted()).toEqual(ruleIds.toSorted());
  });
});
