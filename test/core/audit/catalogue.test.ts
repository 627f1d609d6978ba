import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { labelTheft } from '../../../src/core/admission/pod-rules/label-theft.ts';
import { practices } from '../../../src/core/admission/practices/index.ts';
import { daemonSetRules } from '../../../src/core/admission/rules/index.ts';
import { catalogue } from '../../../src/core/audit/catalogue.ts';

/** Rules that judge what stands, not a change of it. */
const standing = [...daemonSetRules, ...practices].filter(({ operations = ['CREATE'] }) =>
  operations.includes('CREATE'),
);

it('has an entry for every rule that audit applies, and for no other', () => {
  const ids = [...standing.map(({ id }) => id), labelTheft.id, 'manifest'];
  expect(Object.keys(catalogue).toSorted()).toEqual(ids.toSorted());
});

it.each(Object.entries(catalogue))('%s can be read', (id, { title, rationale, example }) => {
  expect(title).toMatch(/^[a-z]/);
  expect(rationale).toMatch(/^(?:[A-Z]|latest|kubectl).*\.$/s);
  if (!example.includes('…') && id !== 'manifest') expect(() => parse(example) as unknown).not.toThrow();
});
