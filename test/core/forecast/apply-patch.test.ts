import { expect, it } from 'vitest';
import { applyPatch } from '../../../src/core/forecast/apply-patch.ts';

it.each<[string, unknown, unknown, unknown]>([
  ['nothing known of the last time', undefined, { a: 1 }, { a: 1 }],
  [
    'a field that is no longer said',
    { a: 1, b: { c: 1, d: 2 } },
    { b: { c: 1 } },
    { a: null, b: { c: 1, d: null } },
  ],
  [
    'a container that is no longer said',
    { containers: [{ name: 'a', image: '1', tty: true }, { name: 'b' }] },
    { containers: [{ name: 'a', image: '2' }] },
    {
      containers: [
        { name: 'a', image: '2', tty: null },
        { name: 'b', $patch: 'delete' },
      ],
    },
  ],
  [
    'a list that is replaced as a whole',
    { tolerations: [{ key: 'a' }] },
    { tolerations: [{ key: 'b' }] },
    { tolerations: [{ key: 'b' }] },
  ],
])('of %s', (_, before, after, patch) => {
  expect(applyPatch(before, after)).toEqual(patch);
});
