import { describe, expect, it } from 'vitest';
import type { DaemonSet } from '../../../src/api/daemonset.ts';
import { type DaemonPod, podOrigin } from '../../../src/core/explain/pod-origin.ts';
import { newDaemonPod } from '../../../src/core/placement/daemon-pod.ts';
import { daemonSet } from '../../builders/daemonset.ts';
import { node, taint } from '../../builders/node.ts';
import { required } from '../../builders/pod-spec.ts';

/** The Pod that the controller makes of the template, with what others did to its spec. */
function made(set: DaemonSet, changes: object = {}): DaemonPod {
  const { metadata, spec } = newDaemonPod(set, set.spec.template.spec ?? {}, {
    node: 'n',
    revision: { hash: 'new', templateGeneration: '3' },
  });
  return { metadata: { name: 'p', labels: metadata.labels }, spec: { ...spec, ...changes } };
}

const because = (set: DaemonSet, on = node('n'), changes: object = { nodeName: 'n' }): readonly string[] =>
  podOrigin(made(set, changes), set, set.spec.template, on).because;

describe('why a pod is on its node', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    [
      'nothing asked',
      because(daemonSet()),
      [
        'it is bound to n, the node that it was made for',
        'the template asks nothing of nodes, and n repels nothing',
      ],
    ],
    [
      'not bound yet',
      because(daemonSet(), node('n'), {}).slice(0, 1),
      ['it was made for n, as its node affinity says, and waits for the scheduler to bind it'],
    ],
    [
      'demands that are met',
      because(
        daemonSet({
          podSpec: {
            nodeSelector: { gpu: 'yes' },
            tolerations: [{ key: 'dedicated', operator: 'Exists' }],
            ...required([
              { matchExpressions: [{ key: 'zone', operator: 'In', values: ['b'] }] },
              { matchExpressions: [{ key: 'gpu', operator: 'Exists' }] },
            ]),
          },
        }),
        node('n', {
          labels: { gpu: 'yes' },
          taints: [
            taint('dedicated=x:NoSchedule'),
            taint('node.kubernetes.io/not-ready:NoExecute'),
            taint('soft:PreferNoSchedule'),
          ],
        }),
      ).slice(1),
      [
        'n has gpu=yes, which spec.nodeSelector asks for',
        'n matches term 2 of 2 of the required node affinity',
        'n has the taint dedicated=x:NoSchedule, which the template tolerates',
        'n has the taint node.kubernetes.io/not-ready:NoExecute, which every daemon pod tolerates',
      ],
    ],
    [
      'a node that is no longer eligible',
      because(daemonSet(), node('n', { taints: [taint('gpu:NoSchedule')] })).slice(1),
      [
        'n has the taint gpu:NoSchedule, which the pod does not tolerate: a pod that is there stays, and none is made',
      ],
    ],
  ])('%s', (_, actual, expected) => {
    expect(actual).toEqual(expected);
  });
});

describe('what the template does not say', () => {
  const by = (changes: object): readonly (readonly [string, string])[] => {
    const set = daemonSet();
    return podOrigin(made(set, changes), set, set.spec.template, node('n'))
      .injected.filter((each) => !each.by.startsWith('the DaemonSet controller'))
      .map((each) => [each.path, each.by]);
  };

  it('is first of all what the controller adds', () => {
    const set = daemonSet();
    const { injected } = podOrigin(made(set), set, set.spec.template, node('n'));
    expect(injected.map(({ path, by }) => `${path}: ${by}`)).toEqual([
      'metadata.labels.controller-revision-hash: the DaemonSet controller: its revision',
      'metadata.labels.pod-template-generation: the DaemonSet controller: its revision',
      'spec.affinity: the DaemonSet controller: the pin to its node',
      'spec.tolerations: the DaemonSet controller: the daemon tolerations',
    ]);
  });

  it.each<[object, string, string]>([
    [{ nodeName: 'n' }, 'spec.nodeName', 'the scheduler, or direct placement'],
    [{ priority: 0 }, 'spec.priority', 'the Priority admission plugin'],
    [{ serviceAccountName: 'default' }, 'spec.serviceAccountName', 'the ServiceAccount admission plugin'],
    [{ hostPID: true }, 'spec.hostPID', 'another admission plugin or webhook, or somebody later'],
    [
      { containers: [{ name: 'app', image: 'mirror/pause:3.10' }] },
      'spec.containers[app].image',
      'another admission plugin or webhook, or somebody later',
    ],
  ])('%j', (changes, path, who) => {
    expect(by(changes)).toEqual([[path, who]]);
  });
});
