import { expect, it } from 'vitest';
import { jsonPointer } from '../../../src/core/admission/json-pointer.ts';

it('joins names and indices, with ~ and / escaped in the order that RFC 6901 asks for', () => {
  expect(jsonPointer()).toBe('');
  expect(jsonPointer('spec', 'tolerations', 0)).toBe('/spec/tolerations/0');
  expect(jsonPointer('metadata', 'annotations', 'everynode.dev/node')).toBe(
    '/metadata/annotations/everynode.dev~1node',
  );
  expect(jsonPointer('a~1b', '')).toBe('/a~01b/');
});
