import { expect, it } from 'vitest';
import { renewedNodes } from '../../../../src/dashboard/page/daemonset/renewed.ts';
import { boardRow } from '../board.ts';

it('counts nodes that are done, and neither pods that are kept elsewhere nor the second ones of a surge', () => {
  const revisions = [{ revision: 2, current: true, pods: 4, available: 4 }];
  expect(renewedNodes(boardRow('a/b', 'aak.', { desiredNumberScheduled: 3, revisions }))).toBe(2);
  expect(renewedNodes(boardRow('a/b', 'oooa', { revisions }))).toBe(1);
});
