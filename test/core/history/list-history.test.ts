import { describe, expect, it } from 'vitest';
import { chooseRevisions } from '../../../src/cli/history/history.ts';
import { formatDiff, formatHistory } from '../../../src/cli/history/report.ts';
import { listHistory, type RawRevision } from '../../../src/core/history/list-history.ts';
import { revisionData } from '../../../src/core/history/revision-data.ts';
import { jsonDifferences } from '../../../src/core/json-difference.ts';
import { DEMO_UID, daemonSet } from '../../builders/daemonset.ts';
import { pod } from '../../builders/pod.ts';

const before = daemonSet({ podSpec: { hostNetwork: true } });
const set = daemonSet();

function revision(hash: string, number: number, at: string, of = before): RawRevision {
  return {
    metadata: {
      name: `demo-${hash}`,
      namespace: 'default',
      uid: hash,
      resourceVersion: '1',
      creationTimestamp: at,
      labels: { app: 'demo', 'controller-revision-hash': hash },
      annotations: number === 1 ? { 'kubernetes.io/change-cause': 'first try' } : {},
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'demo', uid: DEMO_UID, controller: true },
      ],
      managedFields: [{ manager: 'everynode', time: at }],
    },
    revision: number,
    data: JSON.parse(revisionData(of.spec.template)) as unknown,
  } as RawRevision;
}

const written = (manager: string, time: string, subresource = ''): object => ({
  manager,
  time,
  subresource,
  fieldsV1: { 'f:spec': { 'f:template': {} } },
});
const managed = {
  ...set,
  metadata: {
    ...set.metadata,
    managedFields: [
      written('kubectl-set', '2026-01-02T00:00:00Z'),
      written('helm', '2026-01-01T00:00:00Z'),
      written('later', '2026-01-03T00:00:00Z'),
      written('everynode', '2026-01-02T00:00:01Z', 'status'),
    ],
  },
};
const entries = listHistory(
  managed,
  [revision('new', 2, '2026-01-02T00:00:01Z', set), revision('old', 1, '2026-01-01T00:00:01Z')],
  [pod('a', { on: 'a' }), pod('b', { on: 'b', hash: 'old' }), pod('c', { on: 'c' })],
);

describe('the history', () => {
  it('says since when, by whom, why, and on how many pods', async () => {
    expect((await formatHistory(entries, [], 'table', false)).split('\n')).toEqual([
      'REVISION     SINCE                 PODS  CHANGED BY   CAUSE',
      '1            2026-01-01T00:00:01Z  1     helm         first try',
      '2 (current)  2026-01-02T00:00:01Z  2     kubectl-set  -',
      '',
    ]);
    expect(await formatHistory(entries, [], 'wide', false)).toMatch(/everynode +demo-old\n/);
    expect(JSON.parse(await formatHistory(entries, [], 'json', false))).toMatchObject({
      revisions: [
        { revision: 1, changedBy: 'helm' },
        { current: true, createdAt: '2026-01-02T00:00:01Z' },
      ],
    });
  });

  it('knows who changed it twice in one second', () => {
    const at = '2026-01-01T00:00:00Z';
    const metadata = { ...set.metadata, managedFields: [written('helm', at)] };
    const listed = listHistory(
      { ...set, metadata },
      [revision('old', 1, at), revision('new', 2, at, set)],
      [],
    );
    expect(listed.map(({ changedBy }) => changedBy)).toEqual(['helm', 'helm']);
  });

  it('is compared: the current revision with the one before, or any two', async () => {
    const chosen = chooseRevisions(entries, {}, 'demo');
    const differences = jsonDifferences(chosen.from.template, chosen.to.template);
    expect(
      (await formatDiff({ daemonSet: 'demo', ...chosen, differences }, 'table', false)).split('\n'),
    ).toEqual([
      '--- demo revision 1, 2026-01-01T00:00:01Z, by helm',
      '+++ demo revision 2, 2026-01-02T00:00:01Z, by kubectl-set',
      'spec.hostNetwork',
      '- true',
      '',
    ]);
    expect(chooseRevisions(entries, { from: 2, to: 1 }, 'demo')).toMatchObject({
      from: { revision: 2 },
      to: { revision: 1 },
    });
    expect(() => chooseRevisions(entries, { from: 7 }, 'demo')).toThrow(
      'demo has no revision 7; there are: 1, 2',
    );
    expect(() => chooseRevisions(entries.slice(0, 1), {}, 'demo')).toThrow(
      'demo has no two revisions to compare; there are: 1',
    );
  });

  it('names nobody for a change that came after the revision, soon as it was', () => {
    const quick = {
      ...set,
      metadata: { ...set.metadata, managedFields: [written('kubectl-set', '2026-01-01T00:00:03Z')] },
    };
    const revisions = [
      revision('new', 2, '2026-01-01T00:00:03Z', set),
      revision('old', 1, '2026-01-01T00:00:01Z'),
    ];
    expect(listHistory(quick, revisions, []).map(({ changedBy }) => changedBy)).toEqual([
      undefined,
      'kubectl-set',
    ]);
  });
});
