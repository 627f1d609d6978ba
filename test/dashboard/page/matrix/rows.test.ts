import { expect, it } from 'vitest';
import { groupColumns, nodeColumns } from '../../../../src/dashboard/page/matrix/columns.ts';
import { emptyGroup, emptyMatrix } from '../../../../src/dashboard/page/matrix/empty-matrix.ts';
import {
  countedOnce,
  filterGroups,
  filterNodes,
  tallyShown,
} from '../../../../src/dashboard/page/matrix/rows.ts';
import { board, boardNodes, boardRow } from '../board.ts';

const nodes = boardNodes(4);
const fine = boardRow('kube-system/proxy', 'aaa.');
const rolling = boardRow('logging/fluentd', 'aoaa', { tone: 'busy' });
const broken = boardRow('logging/broken', 'aa..', { tone: 'bad' });
const rows = [fine, rolling, broken];

function names(found: readonly { readonly daemonSet: string }[]): readonly string[] {
  return found.map(({ daemonSet }) => daemonSet);
}

it('finds DaemonSets by all words, in any case', () => {
  const { rows: found } = filterNodes(rows, nodeColumns(nodes, ''), {
    text: 'LOG fluent',
    onlyUnsettled: false,
  });
  expect(names(found)).toEqual(['logging/fluentd']);
});

it('keeps rows and columns with something that is not as it should be, and rows that say so themselves', () => {
  const matrix = filterNodes(rows, nodeColumns(nodes, ''), { text: '', onlyUnsettled: true });
  expect(names(matrix.rows)).toEqual(['logging/fluentd', 'logging/broken']);
  expect(matrix.columns.map(({ key }) => key)).toEqual(['node-1']);
});

it('shows a row that is not as it should be on all nodes when none of them is to blame', () => {
  const columns = nodeColumns(nodes, '');
  const matrix = filterNodes([fine, broken], columns, { text: '', onlyUnsettled: true });
  expect(names(matrix.rows)).toEqual(['logging/broken']);
  expect(matrix.columns).toEqual(columns);
  expect(filterNodes([fine], columns, { text: '', onlyUnsettled: true })).toEqual({ rows: [], columns: [] });
});

it('does the same by groups', () => {
  const grouping = { label: 'zone', values: ['a', 'b'], of: [0, 0, 1, 1] };
  const { columns, of } = groupColumns(nodes, grouping, '');
  const tallies = countedOnce({ of, groups: 2 });
  const matrix = filterGroups(rows, columns, tallies, { text: '', onlyUnsettled: true });
  expect(names(matrix.rows)).toEqual(['logging/fluentd', 'logging/broken']);
  expect(matrix.columns.map(({ value }) => value)).toEqual(['a']);
  // Of group a, and not of b, which is not shown.
  expect(tallyShown(matrix, tallies)).toMatchObject({ available: 3, outdated: 1, none: 0 });
});

it('counts a row once, and another one of the same name anew', () => {
  const tallies = countedOnce({ of: [0, 0, 0, 0], groups: 1 });
  expect(tallies(fine)).toBe(tallies(fine));
  expect(tallies({ ...fine, cells: 'mmmm' })[0]).toMatchObject({ missing: 4 });
});

it('says why a matrix is empty', () => {
  const nothing = { rows: [], columns: [] };
  const full = board({ nodes, daemonSets: rows });
  const columns = nodeColumns(nodes, '');
  const asked = { options: {} };
  expect(emptyMatrix(board(), nothing, asked)).toContain('no DaemonSet');
  expect(emptyMatrix(board({ nodes: [], daemonSets: rows }), nothing, asked)).toContain('no node');
  expect(emptyMatrix(full, { rows: [], columns }, asked)).toContain('No DaemonSet');
  expect(emptyMatrix(full, { rows, columns: [] }, asked)).toContain('No node');
  expect(emptyMatrix(full, nothing, { options: { only: 'unsettled' } })).toContain('as it should be');
  expect(emptyMatrix(full, { rows, columns }, asked)).toBeUndefined();
});

it('does not say that a group is empty when only nothing is grouped by its label any more', () => {
  const zones = { label: 'topology.kubernetes.io/zone', values: ['a', 'b'], of: [0, 1] };
  expect(emptyGroup(zones, zones.label)).toBe('No node is in this group any more.');
  expect(emptyGroup(undefined, zones.label)).toContain('not grouped by zone any more');
});
