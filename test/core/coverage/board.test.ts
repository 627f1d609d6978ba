import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyChange,
  type Board,
  type BoardRow,
  byName,
  changeBetween,
  type Connection,
} from '../../../src/core/coverage/board.ts';
import type { Grouping } from '../../../src/core/coverage/groupings.ts';
import { board, row } from './boards.ts';

/** Nothing that Kubernetes would let in, but nothing that may break the board either. */
const HOSTILE = ['__proto__', 'constructor', 'toString', 'a', 'a-b', 'a.b', 'b', '0', '10', '9', 'é', '💥'];
const names = fc.constantFrom(...HOSTILE);
const keys = fc.tuple(names, names).map(([namespace, name]) => `${namespace}/${name}`);

/** Long enough for runs of changes, and mostly the same character, as on boards. */
const cellsOf = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom('a', 'a', 'a', 'a', 'a', 'a', 'o', 's', '.'), {
      minLength: length,
      maxLength: length,
    })
    .map((codes) => codes.join(''));

const findings = fc.record({ error: fc.nat(3), warning: fc.nat(3), info: fc.nat(3) });

function rowsOf(length: number): fc.Arbitrary<readonly BoardRow[]> {
  const one = fc
    .record({ daemonSet: keys, cells: cellsOf(length), message: names, findings: fc.option(findings) })
    .map(({ findings: found, ...rest }) => row({ ...rest, ...(found && { findings: found }) }));
  return fc
    .uniqueArray(one, { selector: ({ daemonSet }) => daemonSet, maxLength: 6 })
    .map((rows) => rows.toSorted(byName));
}

const connections: fc.Arbitrary<Connection> = fc.record({ reachable: fc.boolean(), since: fc.nat() });

const judgements: fc.Arbitrary<Pick<Board, 'judged'>> = fc.option(
  fc.record({ judged: fc.record({ version: names, findings }) }),
  { nil: {} },
);

const boards: fc.Arbitrary<Board> = fc
  .oneof(fc.constant(0), fc.constant(1), fc.nat(60), fc.nat(200))
  .chain((length) =>
    fc
      .tuple(
        judgements,
        fc.record({
          nodes: fc.array(fc.record({ name: names }), { minLength: length, maxLength: length }),
          groupings: fc.array(
            fc.record({ label: names, values: fc.array(names), of: fc.array(fc.nat(3)) }),
          ) satisfies fc.Arbitrary<readonly Grouping[]>,
          daemonSets: rowsOf(length),
          connection: connections,
        }),
      )
      .map(([judged, rest]) => ({ ...rest, ...judged })),
  );

/** What may become of a board: of each part the same, or another one. */
const pairs: fc.Arbitrary<readonly [Board, Board]> = fc
  .tuple(boards, boards, fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean(), fc.array(fc.boolean()))
  .chain(([from, other, sameNodes, sameGroupings, sameConnection, sameJudged, keep]) => {
    const length = sameNodes ? from.nodes.length : other.nodes.length;
    return fc.tuple(fc.constant(from), rowsOf(length)).map(([before, fresh]): readonly [Board, Board] => {
      const kept = sameNodes ? before.daemonSets.filter((_, place) => keep[place] ?? true) : [];
      const taken = new Set(kept.map(({ daemonSet }) => daemonSet));
      const { judged } = sameJudged ? before : other;
      const added = fresh.filter(({ daemonSet }) => !taken.has(daemonSet));
      return [
        before,
        {
          nodes: sameNodes ? before.nodes : other.nodes,
          groupings: sameGroupings ? before.groupings : other.groupings,
          daemonSets: [...kept, ...added].toSorted(byName),
          connection: sameConnection ? before.connection : other.connection,
          ...(judged && { judged }),
        },
      ];
    });
  });

function overTheWire<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

describe('changeBetween and applyChange', () => {
  it('make one board out of any other, over the wire', () => {
    fc.assert(
      fc.property(pairs, ([from, to]) => {
        const change = changeBetween(from, to);
        const received = overTheWire(from);
        expect(change ? applyChange(received, overTheWire(change)) : received).toEqual(overTheWire(to));
      }),
      { numRuns: 1_000 },
    );
  });

  it('say nothing when, and only when, every part is the same object', () => {
    fc.assert(
      fc.property(pairs, ([from, to]) => {
        const isSame =
          from.nodes === to.nodes &&
          from.groupings === to.groupings &&
          from.connection === to.connection &&
          from.judged === to.judged &&
          from.daemonSets.length === to.daemonSets.length &&
          from.daemonSets.every((each, place) => each === to.daemonSets[place]);
        expect(changeBetween(from, to) === undefined).toBe(isSame);
      }),
    );
    fc.assert(fc.property(boards, (same) => changeBetween(same, { ...same }) === undefined));
  });

  it('never say much more of cells than all of them would', () => {
    fc.assert(
      fc.property(
        fc.nat(300).chain((length) => fc.tuple(cellsOf(length), cellsOf(length))),
        ([a, b]) => {
          const change = changeBetween(board({ cells: a }), board({ cells: b }));
          const said = JSON.stringify(change?.daemonSets?.[0]?.cells);
          // Brackets and quotes around the whole, of which a row has a dozen.
          expect(said.length).toBeLessThanOrEqual(JSON.stringify(b).length + 12);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('say a run of cells once', () => {
    const from = 'a'.repeat(100);
    const to = `${'a'.repeat(20)}ooo${'a'.repeat(70)}s${'a'.repeat(5)}m`;
    expect(changeBetween(board({ cells: from }), board({ cells: to }))?.daemonSets?.[0]?.cells).toEqual([
      [20, 'ooo'],
      [93, 's'],
      [99, 'm'],
    ]);
  });

  it('say only what changed: a node that goes down leaves the groupings as they are', () => {
    const from = board();
    const nodes = [{ name: 'n1', notReadySince: 1 }, { name: 'n2' }];
    expect(changeBetween(from, { ...from, nodes })).toEqual({ nodes });
    const groupings = [{ label: 'pool', values: ['', 'a'], of: [0, 1] }];
    expect(changeBetween(from, { ...from, groupings })).toEqual({ groupings });
    expect(applyChange(from, { groupings })).toEqual({ ...from, groupings });
  });

  it('take a row from one DaemonSet to another of its name, and cells of another number of nodes', () => {
    const from = board({ cells: 'aa' });
    const to = { ...board({ cells: 'aas' }), nodes: [{ name: 'n1' }, { name: 'n2' }, { name: 'n3' }] };
    const change = changeBetween(from, to);
    expect(change?.daemonSets?.[0]?.cells).toBe('aas');
    expect(change && applyChange(from, change)).toEqual(to);
  });
});

describe('byName', () => {
  it('goes by namespace first: what sorts before the slash does not mix them', () => {
    const sorted = ['a-b/x', 'a/y', 'a.c/x', 'a/b-c', 'a/b', 'b/a'].map((daemonSet) => ({ daemonSet }));
    expect(sorted.toSorted(byName).map(({ daemonSet }) => daemonSet)).toEqual([
      'a/b',
      'a/b-c',
      'a/y',
      'a-b/x',
      'a.c/x',
      'b/a',
    ]);
  });
});
