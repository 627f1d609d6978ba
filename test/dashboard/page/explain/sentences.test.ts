import { describe, expect, it } from 'vitest';
import {
  answerSentence,
  podWords,
  waitingSentence,
} from '../../../../src/dashboard/page/explain/sentences.ts';
import type { CellAnswer } from '../../../../src/dashboard/wire.ts';

const pod = { name: 'b-x', revision: 2, current: true, ageSeconds: 90, state: 'Available', note: '' };
const answer: CellAnswer = {
  daemonSet: 'a/b',
  node: 'n',
  eligible: true,
  mayKeep: true,
  reason: '',
  obstacles: [],
  pods: [pod],
  waitsFor: '',
  toTurnIt: [],
};

describe('the answer about a cell', () => {
  it.each([
    ['a pod that belongs there', {}, 'A pod of DaemonSet a/b belongs there.'],
    ['a missing one', { pods: [] }, 'A pod of DaemonSet a/b belongs there, and there is none.'],
    ['none that belongs there', { eligible: false, pods: [] }, 'No pod of DaemonSet a/b belongs there.'],
    [
      'one that may stay',
      { eligible: false },
      'No pod of DaemonSet a/b is made there, and the one that is there stays.',
    ],
    [
      'one that has to go',
      { eligible: false, mayKeep: false },
      'No pod of DaemonSet a/b is made there, and the one that is there is to go.',
    ],
  ])('speaks of %s', (_, parts, sentence) => {
    expect(answerSentence({ ...answer, ...parts })).toBe(sentence);
  });

  it('says what a missing pod waits for', () => {
    expect(waitingSentence({ waitsFor: 'the old pod to be gone' })).toBe(
      'It waits for the old pod to be gone.',
    );
    expect(waitingSentence(answer)).toBe('');
  });
});

it('a pod is told in one line', () => {
  expect(podWords(pod)).toBe('Available, revision 2 (current), 1m30s old');
  const { revision: _, ...unknown } = pod;
  expect(podWords({ ...unknown, current: false, state: 'Ready', note: 'waits', availableInSeconds: 4 })).toBe(
    'Ready, revision unknown (old), 1m30s old: waits (4 s more)',
  );
});
