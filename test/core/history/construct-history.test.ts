import { describe, expect, it } from 'vitest';
import type { RevisionManifest } from '../../../src/api/revision.ts';
import { dataDigest, revisionData } from '../../../src/core/history/revision-data.ts';
import { revisionHash } from '../../../src/core/history/revision-hash.ts';
import { DEMO_UID, daemonSet } from '../../builders/daemonset.ts';
import { node, nodes } from '../../builders/node.ts';
import { claimsOf, deletes, historyOf, planFor } from '../../builders/plan.ts';
import { pod } from '../../builders/pod.ts';
import { revision } from '../../builders/revision.ts';

const set = daemonSet();
const current = revisionHash(revisionData(set.spec.template), undefined);

function created(plan: ReturnType<typeof planFor>): RevisionManifest | undefined {
  return plan.history.flatMap((action) => (action.kind === 'createRevision' ? [action.manifest] : []))[0];
}

describe('§5.8 a missing revision is created', () => {
  it('with number 1 in an empty history', () => {
    expect(historyOf(planFor({ revisions: [] }))).toEqual([`create demo-${current} as 1`]);
  });

  it('with the number after the highest old one', () => {
    const revisions = [revision('a', { number: 7 }), revision('b', { number: 3 })];
    expect(historyOf(planFor({ revisions }))).toEqual([`create demo-${current} as 8`]);
  });

  it('named, labelled, owned and annotated as upstream does', () => {
    const annotations = {
      'kubernetes.io/change-cause': 'first',
      'deprecated.daemonset.template.generation': '1',
    };
    const templateMetadata = { labels: { app: 'demo', tier: 'node' } };
    const annotated = daemonSet({ annotations, templateMetadata });
    const data = revisionData(annotated.spec.template);
    const hash = revisionHash(data, undefined);
    const plan = planFor({ daemonSet: annotated, revisions: [] });
    expect(created(plan)).toEqual({
      name: `demo-${hash}`,
      namespace: 'default',
      labels: { app: 'demo', tier: 'node', 'controller-revision-hash': hash },
      annotations,
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'DaemonSet',
          name: 'demo',
          uid: DEMO_UID,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      revision: 1,
      data,
    });
    expect(plan.history[0]).toMatchObject({ dataDigest: dataDigest(data) });
  });

  it('and the pods of the same sync carry its hash', () => {
    const plan = planFor({ revisions: [], nodes: [node('n1')] });
    expect(plan.createPods[0]?.manifest.metadata.labels).toMatchObject({
      'controller-revision-hash': current,
    });
  });

  it('under another name after a collision', () => {
    const collided = daemonSet({ status: { collisionCount: 1 } });
    const hash = revisionHash(revisionData(collided.spec.template), 1);
    expect(hash).not.toBe(current);
    expect(historyOf(planFor({ daemonSet: collided, revisions: [] }))).toEqual([`create demo-${hash} as 1`]);
  });
});

it.each(['d'.repeat(242), 'a.name.with.dots'])(
  '§9.1.15 a revision is named after %s, and no label has that name for its value',
  (name) => {
    const manifest = created(planFor({ daemonSet: daemonSet({ name }), revisions: [] }));
    expect(manifest?.name).toBe(`${name}-${current}`);
    expect(manifest?.name.length).toBeLessThanOrEqual(253);
    expect(Object.values(manifest?.labels ?? {})).toEqual(['demo', current]);
  },
);

describe('§5.8 an existing revision is used', () => {
  it('whatever its hash label says', () => {
    const plan = planFor({ nodes: [node('n1')], revisions: [revision('from-upstream', { of: set })] });
    expect(historyOf(plan)).toEqual([]);
    expect(plan.createPods[0]?.manifest.metadata.labels).toMatchObject({
      'controller-revision-hash': 'from-upstream',
    });
  });

  it('§9.1.13 and takes the highest number after a rollback', () => {
    const revisions = [revision('a', { of: set, number: 1 }), revision('b', { number: 2 })];
    const plan = planFor({ nodes: [node('n1')], pods: [pod('p1', { on: 'n1', hash: 'b' })], revisions });
    expect(historyOf(plan)).toEqual(['renumber demo-a to 3']);
    expect(deletes(plan)).toEqual(['p1']);
  });

  it('without a new number when it is the highest already', () => {
    const revisions = [revision('a', { of: set, number: 9 }), revision('b', { number: 2 })];
    expect(historyOf(planFor({ revisions }))).toEqual([]);
  });

  it('§9.1.12 although annotations of the DaemonSet have changed', () => {
    const annotated = daemonSet({ annotations: { 'kubernetes.io/change-cause': 'second' } });
    expect(historyOf(planFor({ daemonSet: annotated, revisions: [revision('a', { of: set })] }))).toEqual([]);
  });

  it('§9.1.11 but not when a label of the template has changed', () => {
    const relabelled = daemonSet({ templateMetadata: { labels: { app: 'demo', tier: 'node' } } });
    const plan = planFor({
      daemonSet: relabelled,
      nodes: [node('n1')],
      pods: [pod('p1', { on: 'n1', hash: 'a' })],
      revisions: [revision('a', { of: set })],
    });
    expect(historyOf(plan)).toEqual([expect.stringMatching(/^create demo-\w+ as 2$/)]);
    expect(deletes(plan)).toEqual(['p1']);
  });

  it('§9.1.19 and is made again under the same name when deleted by hand, without a restart', () => {
    const pods = [pod('p1', { on: 'n1', hash: current })];
    const plan = planFor({ nodes: [node('n1')], pods, revisions: [revision('old', { number: 4 })] });
    expect(historyOf(plan)).toEqual([`create demo-${current} as 5`]);
    expect(deletes(plan)).toEqual([]);
  });
});

describe('§5.8 missing hash labels', () => {
  it('are filled with the name of the revision, current or old', () => {
    const revisions = [
      revision('a', { of: set, number: 2, labelled: false }),
      revision('b', { number: 1, labelled: false }),
    ];
    const plan = planFor({ revisions, nodes: [node('n1')] });
    expect(historyOf(plan)).toEqual(['label demo-a demo-a', 'label demo-b demo-b']);
    expect(plan.createPods[0]?.manifest.metadata.labels).toMatchObject({
      'controller-revision-hash': 'demo-a',
    });
  });
});

describe('§5.8 duplicates of the current revision', () => {
  const revisions = [
    revision('kept', { of: set, number: 5 }),
    revision('twin', { of: set, number: 4 }),
    revision('old', { number: 1 }),
  ];
  const pods = [
    pod('of-kept', { on: 'n1', hash: 'kept' }),
    pod('of-twin', { on: 'n2', hash: 'twin' }),
    pod('of-old', { on: 'n3', hash: 'old' }),
    pod('bare', { on: 'n4', hash: null }),
  ];

  it('the one with the highest number stays (TestDSCUpdatesPodLabelAfterDedupCurHistories)', () => {
    const plan = planFor({ revisions });
    expect(historyOf(plan)).toEqual(['delete demo-twin']);
  });

  it('of equal numbers the last seen stays', () => {
    const twins = [revision('a', { of: set, number: 5 }), revision('b', { of: set, number: 5 })];
    expect(historyOf(planFor({ revisions: twins }))).toEqual(['delete demo-a']);
  });

  it('only pods of the merged ones are relabelled (differs from upstream: kubernetes#111280)', () => {
    const plan = planFor({ nodes: nodes(['n1', 'n2', 'n3', 'n4']), revisions, pods });
    expect(historyOf(plan)).toEqual(['relabel pod of-twin kept', 'delete demo-twin']);
  });

  it('a relabelled pod is of the current template: it is not replaced', () => {
    const plan = planFor({
      nodes: nodes(['n1', 'n2']),
      revisions,
      pods: pods.slice(0, 2),
    });
    expect(deletes(plan)).toEqual([]);
    expect(plan.status).toMatchObject({ updatedNumberScheduled: 2 });
  });

  it('pods need no new label when the merged one has the same', () => {
    const twins = [
      revision('kept', { of: set, number: 5 }),
      {
        ...revision('twin', { of: set, number: 4 }),
        labels: { app: 'demo', 'controller-revision-hash': 'kept' },
      },
    ];
    expect(historyOf(planFor({ revisions: twins, pods }))).toEqual(['delete demo-twin']);
  });

  it('the kept one still takes the highest number', () => {
    const behind = [...revisions, revision('newer', { number: 8 })];
    expect(historyOf(planFor({ revisions: behind }))).toEqual([
      'delete demo-twin',
      'renumber demo-kept to 9',
    ]);
  });

  it('foreign duplicates are left alone', () => {
    const foreign = [revisions[0], revision('twin', { of: set, number: 9, owner: 'other' })].filter(
      (one) => one !== undefined,
    );
    expect(historyOf(planFor({ revisions: foreign }))).toEqual([]);
  });
});

describe('§4.2 claims of revisions', () => {
  it('adopts a matching orphan and uses it', () => {
    const plan = planFor({ revisions: [revision('a', { of: set, owner: 'nobody' })] });
    expect(claimsOf(plan)).toEqual(['adoptRevision demo-a']);
    expect(historyOf(plan)).toEqual([]);
  });

  it('§9.1.20 releases one whose labels no longer match, and makes another', () => {
    const plan = planFor({ revisions: [revision('a', { of: set, labels: { app: 'other' } })] });
    expect(claimsOf(plan)).toEqual(['releaseRevision demo-a']);
    expect(historyOf(plan)).toEqual([`create demo-${current} as 1`]);
  });

  it('leaves alone what another owns, and does not count its number', () => {
    const plan = planFor({ revisions: [revision('a', { number: 9, owner: 'other' })] });
    expect(claimsOf(plan)).toEqual([]);
    expect(historyOf(plan)).toEqual([`create demo-${current} as 1`]);
  });

  it('leaves alone an orphan that does not match', () => {
    const plan = planFor({
      revisions: [revision('a', { of: set }), revision('b', { owner: 'nobody', labels: { app: 'other' } })],
    });
    expect(claimsOf(plan)).toEqual([]);
  });
});
