import { describe, expect, it } from 'vitest';
import { ephemeralContainers } from '../../../../src/core/admission/rules/ephemeral-containers.ts';
import { created } from './daemonset-change.ts';

const check = (list: unknown): number =>
  ephemeralContainers.check(created({ podSpec: { ephemeralContainers: list } })).length;

describe('rule ephemeral-containers', () => {
  it('refuses a template that has some', () => {
    expect(check([{ name: 'debug' }])).toBe(1);
  });

  it.each([undefined, null, [], 'x'])('has nothing against %j', (list) => {
    expect(check(list)).toBe(0);
  });
});
