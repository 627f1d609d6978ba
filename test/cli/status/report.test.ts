import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatOverviews } from '../../../src/cli/status/report.ts';
import { changeLines } from '../../../src/cli/status/watch.ts';
import { DEFAULT_POLICY } from '../../../src/core/policy.ts';
import { overviewOf, type Overview } from '../../../src/core/status/overview.ts';
import { NOW } from '../../builders/clock.ts';
import { daemonSet } from '../../builders/daemonset.ts';
import { nodes } from '../../builders/node.ts';
import { pod } from '../../builders/pod.ts';
import { snapshot } from '../../builders/snapshot.ts';
import { RecordingOutput } from '../recording-terminal.ts';

const done = overviewOf(
  snapshot({
    daemonSet: daemonSet({ status: { observedGeneration: 1 } }),
    nodes: nodes(['a', 'b']),
    pods: [pod('a', { on: 'a' }), pod('b', { on: 'b' })],
  }),
  NOW,
  DEFAULT_POLICY,
);
const broken: Overview = {
  ...overviewOf(
    snapshot({
      daemonSet: daemonSet({ status: { observedGeneration: 1 } }),
      nodes: nodes(['a', 'b']),
      pods: [
        pod('a', { on: 'a', hash: 'old' }),
        { ...pod('b', { on: 'b', phase: 'Pending' }), trouble: 'ImagePullBackOff' },
      ],
    }),
    NOW,
    DEFAULT_POLICY,
  ),
  daemonSet: 'default/broken',
};
const shown = { output: 'table', one: false, colours: false, now: NOW } as const;

describe('the status', () => {
  it('is a line for each DaemonSet, and what is wrong', async () => {
    expect((await formatOverviews([done, broken], [], shown)).split('\n')).toEqual([
      'DAEMONSET       DESIRED  CURRENT  READY  UP-TO-DATE  AVAILABLE  REVISION  STATE',
      'default/demo    2        2        2      2           2          1         RolloutComplete',
      'default/broken  2        2        1      1           1          1         NodesInTrouble',
      '',
      'default/broken: 1 of 2 eligible nodes have a pod of the current revision; 1 node: ImagePullBackOff (b)',
      '',
    ]);
  });

  it('is wider with more of it', async () => {
    const lines = (await formatOverviews([done, broken], [], { ...shown, output: 'wide' })).split('\n');
    expect(lines[0]).toMatch(/STATE +MISSCHEDULED +STRATEGY +AGE +MESSAGE$/);
    expect(lines[1]).toMatch(/RolloutComplete +0 +RollingUpdate +14d +2 of 2 eligible nodes/);
  });

  it('of a change that nobody has acted on says so', async () => {
    const idle = overviewOf(snapshot(), NOW, DEFAULT_POLICY);
    expect(await formatOverviews([idle], [], shown)).toMatch(/ NotObserved\n/);
  });

  it('has colours where they are asked for, and the columns stand all the same', async () => {
    const coloured = await formatOverviews([done, broken], [], { ...shown, colours: true });
    expect(coloured).toContain('\u001B[31mNodesInTrouble');
    expect(stripVTControlCharacters(coloured)).toBe(await formatOverviews([done, broken], [], shown));
  });

  it('is all that is known, as JSON and as YAML', async () => {
    const notRead = [{ what: 'pods', why: 'forbidden' }];
    expect(JSON.parse(await formatOverviews([done], notRead, { ...shown, output: 'json' }))).toEqual({
      daemonSets: [{ ...done, createdAt: '2026-01-01T00:00:00Z' }],
      notRead,
    });
    expect(parse(await formatOverviews([done], [], { ...shown, output: 'yaml', one: true }))).toEqual({
      ...done,
      createdAt: '2026-01-01T00:00:00Z',
      notRead: [],
    });
  });
});

describe('a watch in a pipe', () => {
  it('is a line for every change', () => {
    const output = new RecordingOutput();
    const show = changeLines(output, 'table');
    show([done], NOW);
    show([done, broken], NOW);
    show([broken], NOW);
    expect(output.text.split('\n')).toEqual([
      'default/demo  RolloutComplete  updated 2/2  available 2/2  2 of 2 eligible nodes have a pod of the current revision',
      'default/broken  NodesInTrouble  updated 1/2  available 1/2  1 of 2 eligible nodes have a pod of the current revision; 1 node: ImagePullBackOff (b)',
      'default/demo  gone',
      '',
    ]);
  });
});
