import { describe, expect, it } from 'vitest';
import { restartPolicy } from '../../../../src/core/admission/rules/restart-policy.ts';
import { created } from './daemonset-change.ts';

describe('rule restart-policy', () => {
  it.each(['Never', 'OnFailure', 'always'])('refuses %s', (policy) => {
    const [problem, ...more] = restartPolicy.check(created({ podSpec: { restartPolicy: policy } }));
    expect(more).toEqual([]);
    expect(problem?.path).toBe('spec.template.spec.restartPolicy');
    expect(problem?.message).toContain(`is "${policy}"`);
    expect(problem?.message).toContain('set it to Always or remove the field');
  });

  const passed: Record<string, unknown> = {
    Always: { restartPolicy: 'Always' },
    'an absent policy, which defaults to Always': {},
    'an empty policy, which defaults to Always': { restartPolicy: '' },
    'null, which is absent': { restartPolicy: null },
    'a policy that is not a string, which the API server refuses': { restartPolicy: 7 },
    'a pod spec that is not an object': 'Never',
    'no pod spec': null,
  };

  it.each(Object.entries(passed))('has nothing against %s', (_, podSpec) => {
    expect(restartPolicy.check(created({ podSpec }))).toEqual([]);
  });
});
