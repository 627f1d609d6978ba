import { describe, expect, it } from 'vitest';
import { activeDeadline } from '../../../../src/core/admission/rules/active-deadline.ts';
import { created } from './daemonset-change.ts';

describe('rule active-deadline', () => {
  it.each([0, 600, 'soon'])('refuses a deadline of %j', (activeDeadlineSeconds) => {
    const problems = activeDeadline.check(created({ podSpec: { activeDeadlineSeconds } }));
    expect(problems.map(({ path }) => path)).toEqual(['spec.template.spec.activeDeadlineSeconds']);
    expect(problems[0]?.message).toContain('remove the field');
  });

  it.each([{}, { activeDeadlineSeconds: null }, 'none', null])('has nothing against %j', (podSpec) => {
    expect(activeDeadline.check(created({ podSpec }))).toEqual([]);
  });
});
