import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatFieldPath, parseFieldPath } from '../../src/api/field-path.ts';

it('is written as Kubernetes does', () => {
  const path = ['spec', 'template', 'spec', 'containers', 0, 'image'];
  expect(formatFieldPath(path)).toBe('spec.template.spec.containers[0].image');
  expect(formatFieldPath(['metadata', 'labels', 'app.kubernetes.io/name'])).toBe(
    'metadata.labels[app.kubernetes.io/name]',
  );
  expect(formatFieldPath([])).toBe('');
});

it('is read as it was written', () => {
  const name = fc.constantFrom('spec', 'a-b', 'x', 'kubernetes.io/os', 'a.b', '$x');
  fc.assert(
    fc.property(fc.array(fc.oneof(name, fc.nat(20))), (path) => {
      expect(parseFieldPath(formatFieldPath(path))).toEqual(path);
    }),
  );
});
