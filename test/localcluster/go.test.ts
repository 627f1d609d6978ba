import { expect, it } from 'vitest';
import { isNewEnough } from '../../src/localcluster/go.ts';

it.each([
  ['1.26.0', true],
  ['1.26.8', true],
  ['1.27rc1', true],
  ['1.100', true],
  ['2.0', true],
  ['devel go1.27-abcdef', true],
  ['1.25.9', false],
  ['1.9', false],
  ['', false],
])('Go %j builds the modules: %s', (version, isEnough) => {
  expect(isNewEnough(version)).toBe(isEnough);
});
