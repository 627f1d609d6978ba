import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../../src/cli/convert/unified-diff.ts';

describe('a difference', () => {
  it('is nothing where there is none', () => {
    expect(unifiedDiff('a\n', 'a\n', 'x', true)).toBe('');
  });

  it('shows three lines around, and joins what is near', () => {
    const lines = Array.from({ length: 30 }, (_, at) => `${at}\n`);
    const after = lines.with(5, 'five\n').with(9, 'nine\n').with(25, 'x\ny\n');
    expect(unifiedDiff(lines.join(''), after.join(''), 'a.yaml', false)).toMatchInlineSnapshot(`
      "--- a.yaml
      +++ a.yaml
      @@ -3,11 +3,11 @@
       2
       3
       4
      -5
      +five
       6
       7
       8
      -9
      +nine
       10
       11
       12
      @@ -23,7 +23,8 @@
       22
       23
       24
      -25
      +x
      +y
       26
       27
       28
      "
    `);
  });

  it('tells of a missing line break at the end', () => {
    expect(unifiedDiff('a\nb', 'a\nb\n', 'x', false)).toContain(
      '@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n',
    );
  });

  it('is coloured where asked for', () => {
    expect(unifiedDiff('a\n', 'b\n', 'x', true)).toContain(
      '\u001b[31m-a\u001b[39m\n\u001b[32m+b\u001b[39m\n',
    );
  });

  it('takes the one text to the other', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', '', '- x', '\r'), { maxLength: 30 })
      .chain((lines) => fc.constantFrom(lines.join('\n'), lines.map((line) => `${line}\n`).join('')));
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(patched(before, unifiedDiff(before, after, 'x', false))).toBe(after);
      }),
      { numRuns: 1000 },
    );
  });
});

/** What `patch` makes of it; strict about line numbers, counts and context. */
function patched(before: string, diff: string): string {
  if (diff === '') return before;
  const old = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const result: string[] = [];
  let at = 0;
  const [, ...hunks] = diff.split(/^(?=@@ )/m);
  for (const hunk of hunks) {
    const [head = '', ...body] = hunk.split(/(?<=\n)/);
    const [, from = '', oldCount = '1', to = '', newCount = '1'] =
      /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n$/.exec(head) ?? [];
    const start = Number(oldCount) === 0 ? Number(from) : Number(from) - 1;
    while (at < start) result.push(old[at++]!);
    expect(result.length).toBe(Number(newCount) === 0 ? Number(to) : Number(to) - 1);
    const resultBefore = result.length;
    body.forEach((line, index) => {
      if (line.startsWith('\\')) return;
      const cut = body[index + 1]?.startsWith('\\') === true ? line.slice(1, -1) : line.slice(1);
      if (!line.startsWith('+')) expect(old[at++]).toBe(cut);
      if (!line.startsWith('-')) result.push(cut);
    });
    expect(at - start).toBe(Number(oldCount));
    expect(result.length - resultBefore).toBe(Number(newCount));
  }
  return [...result, ...old.slice(at)].join('');
}
