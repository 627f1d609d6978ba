import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLines } from '../../src/kube/lines.ts';

async function split(chunks: readonly (string | Uint8Array)[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of splitLines(streamOf(chunks))) lines.push(line.toString('utf8'));
  return lines;
}

async function* streamOf(chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

describe('splitLines', () => {
  const cases: Record<string, [chunks: readonly string[], lines: readonly string[]]> = {
    nothing: [[], []],
    'one line': [['a\n'], ['a']],
    'several lines in a chunk': [['a\nb\nc\n'], ['a', 'b', 'c']],
    'a line in several chunks': [['a', 'b', 'c\n'], ['abc']],
    'a line feed that comes by itself': [
      ['a', '\n', 'b\n'],
      ['a', 'b'],
    ],
    'a last line without a line feed': [['a\nb'], ['a', 'b']],
    'empty lines, which are no lines': [
      ['\n\na\n', '\n', '\nb\n\n'],
      ['a', 'b'],
    ],
    'empty chunks': [['', 'a', '', '\n', ''], ['a']],
    'separators that may stand in a JSON string': [
      ['a\u2028b\u2029c\u0085d\re\n'],
      ['a\u2028b\u2029c\u0085d\re'],
    ],
  };
  it.each(Object.entries(cases))('%s', async (_, [chunks, lines]) => {
    expect(await split(chunks)).toEqual(lines);
  });

  it('gives a line before the next chunk comes', async () => {
    let asked = 0;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (const chunk of ['a\n', 'b\n']) {
        asked += 1;
        yield Buffer.from(chunk);
      }
    }
    const lines = splitLines(chunks());
    await lines.next();
    expect(asked).toBe(1);
  });

  it('gives the same lines wherever the chunks are cut, also inside a character', async () => {
    const unit = fc.constantFrom('a', '"', 'ß', '€', '😀', '\u2028', '\r');
    const line = fc.string({ unit, minLength: 1 });
    const cuts = fc.array(fc.nat(60), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), cuts, async (lines, cuts) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const ends = [...new Set([...cuts.filter((at) => at < bytes.length), bytes.length])].toSorted(
          (a, b) => a - b,
        );
        const chunks = ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
        expect(await split(chunks)).toEqual(lines);
      }),
    );
  });
});
