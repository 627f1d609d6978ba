import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitDocuments } from '../../src/manifests/split-documents.ts';

const line = fc.constantFrom(
  '---',
  '--- # x',
  '...',
  '# c',
  '%YAML 1.1',
  'a: 1',
  '  b: |',
  '    ---',
  '',
  '{"a": 1}',
  '{',
  '}',
  '----',
);
const source = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), { maxLength: 20 })
  .map((lines) => lines.map((parts) => parts.join('')).join(''));

it('loses nothing, and counts the lines', () => {
  fc.assert(
    fc.property(source, (text) => {
      const documents = splitDocuments(text);
      expect(documents.map((document) => document.text).join('')).toBe(text);
      let before = '';
      for (const document of documents) {
        expect(document.line).toBe(before.split('\n').length);
        before += document.text;
      }
    }),
  );
});
