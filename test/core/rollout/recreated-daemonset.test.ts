import { describe, expect, it } from 'vitest';
import { daemonSet, rollingUpdate } from '../../builders/daemonset.ts';
import { node } from '../../builders/node.ts';
import { deletes, planFor } from '../../builders/plan.ts';
import { pod } from '../../builders/pod.ts';
import { revision } from '../../builders/revision.ts';

describe('a DaemonSet that was created again', () => {
  it('§4.4 a pod that is older than the DaemonSet is not updated by its generation label', () => {
    const set = daemonSet({
      annotations: { 'deprecated.daemonset.template.generation': '1' },
      strategy: rollingUpdate({ maxUnavailable: 1, maxSurge: 0 }),
    });
    const born = Date.parse(set.metadata.creationTimestamp);
    const old = { ...pod('p1', { on: 'n1', hash: 'old', templateGeneration: '1' }), createdAt: born - 1000 };
    const revisions = [revision('old', { number: 1 }), revision('new', { of: set, number: 2 })];
    expect(deletes(planFor({ daemonSet: set, nodes: [node('n1')], pods: [old], revisions }))).toEqual(['p1']);
  });
});
