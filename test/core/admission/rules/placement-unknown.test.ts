import { describe, expect, it } from 'vitest';
import { placementUnknown } from '../../../../src/core/admission/rules/placement-unknown.ts';
import { created } from './daemonset-change.ts';

const placed = (value: unknown): ReturnType<typeof created> =>
  created({ annotations: { 'everynode.dev/placement': value } });

describe('rule placement-unknown', () => {
  it.each(['Direct', 'node', ''])('warns of %j', (value) => {
    const [problem] = placementUnknown.check(placed(value));
    expect(problem).toEqual({
      path: 'metadata.annotations[everynode.dev/placement]',
      message: `is ${JSON.stringify(value)} and has no effect; set it to "scheduler" or "direct"`,
    });
    expect(placementUnknown.level).toBe('warn');
  });

  it.each(['direct', 'scheduler', 7, null, undefined])('has nothing against %j', (value) => {
    expect(placementUnknown.check(placed(value))).toEqual([]);
  });
});
