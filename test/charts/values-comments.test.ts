import { describe, expect, it } from 'vitest';
import { readDocumentedValues } from '../../charts/generate/values-comments.ts';

describe('readDocumentedValues', () => {
  it('takes text, path and default of every value, the first ones too', () => {
    const yaml = [
      '# About the file.',
      '',
      '# -- How many.',
      'count: 2',
      'outer:',
      '  # -- Which of them,',
      '  # on two lines.',
      '  inner: []',
      '  deeper:',
      '    # -- The last one.',
      '    value: "x|y"',
    ].join('\n');
    expect(readDocumentedValues(yaml)).toEqual([
      { path: 'count', text: 'How many.', default: '`2`' },
      { path: 'outer.inner', text: 'Which of them, on two lines.', default: '`[]`' },
      { path: 'outer.deeper.value', text: 'The last one.', default: '`"x|y"`' },
    ]);
  });

  it('says a default in words where the comment does', () => {
    expect(readDocumentedValues('# -- A name. @default -- as the release\nname: ""')).toEqual([
      { path: 'name', text: 'A name.', default: 'as the release' },
    ]);
  });

  it.each([
    ['a value', 'count: 2'],
    ['an empty map', '# Not a description.\nlabels: {}'],
    ['a value after one that has', '# -- One.\none: 1\ntwo: 2'],
  ])('refuses %s without a description', (_, yaml) => {
    expect(() => readDocumentedValues(yaml)).toThrow('has no comment');
  });
});
