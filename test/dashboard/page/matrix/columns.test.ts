import { describe, expect, it } from 'vitest';
import { chosenGrouping, groupColumns, nodeColumns } from '../../../../src/dashboard/page/matrix/columns.ts';
import { boardNodes } from '../board.ts';

const zone = { label: 'zone', values: ['', 'a', 'b'], of: [1, 2, 1, 0] };
const nodes = [{ name: 'n0' }, { name: 'n1', notReadySince: 5 }, { name: 'n2' }, { name: 'm3' }];

describe('the grouping', () => {
  const pool = { label: 'pool', values: ['x', 'y'], of: [] };

  it('is none for few nodes, and the first for many', () => {
    expect(chosenGrouping({ nodes: boardNodes(60), groupings: [zone] }, undefined)).toBeUndefined();
    expect(chosenGrouping({ nodes: boardNodes(61), groupings: [zone, pool] }, undefined)).toBe(zone);
    expect(chosenGrouping({ nodes: boardNodes(61), groupings: [] }, undefined)).toBeUndefined();
  });

  it('is the one that is asked for, and none for every node or a label that is gone', () => {
    const many = { nodes: boardNodes(61), groupings: [zone, pool] };
    expect(chosenGrouping(many, 'pool')).toBe(pool);
    expect(chosenGrouping(many, '*')).toBeUndefined();
    expect(chosenGrouping(many, 'gone')).toBeUndefined();
  });
});

describe('columns of nodes', () => {
  it('keep the places of their cells', () => {
    const columns = nodeColumns(nodes, 'n');
    expect(columns.map(({ key, place }) => [key, place])).toEqual([
      ['n0', 0],
      ['n1', 1],
      ['n2', 2],
    ]);
  });

  it('come in the order in which people count', () => {
    const names = ['node-1', 'node-10', 'node-11', 'node-2', 'spare'];
    const columns = nodeColumns(
      names.map((name) => ({ name })),
      '',
    );
    expect(columns.map(({ key, place }) => [key, place])).toEqual([
      ['node-1', 0],
      ['node-2', 3],
      ['node-10', 1],
      ['node-11', 2],
      ['spare', 4],
    ]);
  });

  it('are those of one group', () => {
    const inZone = (value: string): readonly string[] =>
      nodeColumns(nodes, '', { grouping: zone, value }).map(({ key }) => key);
    expect(inZone('a')).toEqual(['n0', 'n2']);
    expect(inZone('')).toEqual(['m3']);
  });
});

describe('columns of groups', () => {
  it('count their nodes, and those that are not ready', () => {
    const { columns, of } = groupColumns(nodes, zone, '');
    expect(columns.map(({ value, nodes, notReady }) => [value, nodes, notReady])).toEqual([
      ['', 1, 0],
      ['a', 2, 0],
      ['b', 1, 1],
    ]);
    expect(of).toEqual(zone.of);
  });

  it('are left out, as their nodes are, where the filter lets none of them through', () => {
    const { columns, of } = groupColumns(nodes, zone, 'n');
    expect(columns.map(({ value, place }) => [value, place])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(of).toEqual([1, 2, 1, -1]);
  });
});
