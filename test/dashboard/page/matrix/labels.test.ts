import { expect, it } from 'vitest';
import {
  findingsInWords,
  groupCellLabel,
  groupHeadLabel,
  nodeCellLabel,
} from '../../../../src/dashboard/page/matrix/labels.ts';
import { sumOf, talliesOf } from '../../../../src/dashboard/page/matrix/tally.ts';

const column = {
  kind: 'group',
  key: '=a',
  place: 0,
  label: 'topology.kubernetes.io/zone',
  value: 'a',
  nodes: 4,
  notReady: 1,
} as const;

it('a cell says which DaemonSet and node it is about, and how that stands', () => {
  expect(nodeCellLabel('kube-system/fluentd', 'node-17', 'missing')).toBe(
    'kube-system/fluentd on node-17: missing: a pod belongs there, and there is none',
  );
});

it('a cell of a group says its numbers', () => {
  const tally = sumOf(talliesOf('aam.', [0, 0, 0, 0], 1));
  expect(groupCellLabel('a/b', column, tally)).toBe(
    'a/b in zone a: 1 missing (1 missing, 2 available, 1 none)',
  );
});

it('a group says its nodes, also those without the label', () => {
  expect(groupHeadLabel(column)).toBe('zone a: 4 nodes, 1 not ready');
  expect(groupHeadLabel({ ...column, value: '', nodes: 1, notReady: 0 })).toBe('nodes without zone: 1 node');
});

it('findings of weight are told in words', () => {
  expect(findingsInWords({ error: 1, warning: 2, info: 9 })).toBe('1 error, 2 warnings');
  expect(findingsInWords({ error: 0, warning: 0, info: 9 })).toBe('');
  expect(findingsInWords(undefined)).toBe('');
});
