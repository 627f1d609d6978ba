import { describe, expect, it } from 'vitest';
import type { PodSpec } from '../../../src/api/pod.ts';
import {
  compileEligibility,
  describeReason,
  formatTaint,
  type IneligibleReason,
} from '../../../src/core/scheduling/eligibility.ts';
import { daemonSet } from '../../builders/daemonset.ts';
import { node, type NodeOverrides, taint } from '../../builders/node.ts';
import { createsOn, deletes, planFor } from '../../builders/plan.ts';
import { pod } from '../../builders/pod.ts';

function eligibility(spec: PodSpec, overrides: NodeOverrides = {}): readonly [boolean, boolean] {
  const { shouldRun, shouldContinueRunning } = compileEligibility(spec)(node('n1', overrides));
  return [shouldRun, shouldContinueRunning];
}

function zoneAffinity(...values: readonly string[]): PodSpec {
  return {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values }] }],
        },
      },
    },
  };
}

const RUNS = [true, true];
const STAYS = [false, true];
const GOES = [false, false];

describe('§2.1 the pod that is judged is the template’s, not the pinned one that is made of it', () => {
  const inZone = (zone: string): NodeOverrides => ({ labels: { zone } });
  const template = daemonSet({ podSpec: zoneAffinity('a') });
  const cluster = [node('n1', inZone('a')), node('n2', inZone('b'))];

  it('a node that the user’s affinity leaves out gets no pod, although the pin would let it run there', () => {
    const plan = planFor({ daemonSet: template, nodes: cluster });
    expect(createsOn(plan)).toEqual(['n1']);
    expect(
      compileEligibility(plan.createPods[0]?.manifest.spec ?? {})(node('n1', inZone('b'))),
    ).toMatchObject({
      shouldRun: true,
    });
  });

  it('a pod goes when its node no longer matches the template, whatever the pod itself asks for', () => {
    const pods = [pod('p1', { on: 'n1' }), pod('p2', { on: 'n2' })];
    expect(deletes(planFor({ daemonSet: template, nodes: cluster, pods }))).toEqual(['p2']);
  });

  it('it has the daemon tolerations', () => {
    const cordoned = { taints: [taint('node.kubernetes.io/unschedulable:NoSchedule')] };
    expect(eligibility({}, cordoned)).toEqual(RUNS);
  });
});

describe('§2.2 shouldRun and shouldContinueRunning', () => {
  const zoneA: NodeOverrides = { labels: { zone: 'a' } };
  const cases: Record<string, readonly [PodSpec, NodeOverrides, readonly boolean[]]> = {
    'a plain node takes a plain pod': [{}, {}, RUNS],
    'spec.nodeName names this node': [{ nodeName: 'n1' }, {}, RUNS],
    'spec.nodeName names another node': [{ nodeName: 'n2' }, {}, GOES],
    'an empty spec.nodeName names none': [{ nodeName: '' }, {}, RUNS],
    'nodeSelector matches': [{ nodeSelector: { zone: 'a' } }, zoneA, RUNS],
    'nodeSelector wants another value': [{ nodeSelector: { zone: 'b' } }, zoneA, GOES],
    'nodeSelector wants an absent label': [{ nodeSelector: { zone: 'a' } }, {}, GOES],
    'nodeSelector with an empty value wants the label': [{ nodeSelector: { zone: '' } }, {}, GOES],
    'nodeSelector takes no inherited property for a label': [
      { nodeSelector: { toString: 'x' } },
      { labels: {} },
      GOES,
    ],
    'every pair of nodeSelector must hold': [{ nodeSelector: { zone: 'a', disk: 'ssd' } }, zoneA, GOES],
    'an empty nodeSelector matches all': [{ nodeSelector: {} }, {}, RUNS],
    'required affinity matches': [zoneAffinity('a'), zoneA, RUNS],
    'required affinity mismatches': [zoneAffinity('b'), zoneA, GOES],
    'required affinity without terms matches nothing': [
      { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } } },
      zoneA,
      GOES,
    ],
    'nodeSelector and affinity must both hold': [
      { ...zoneAffinity('a'), nodeSelector: { disk: 'ssd' } },
      zoneA,
      GOES,
    ],
    'nodeName and a contradicting nodeSelector exclude each other': [
      { nodeName: 'n1', nodeSelector: { zone: 'b' } },
      zoneA,
      GOES,
    ],
    'preferred affinity is ignored': [
      {
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, preference: zoneAffinity('b').affinity },
            ],
          },
        },
      },
      zoneA,
      RUNS,
    ],
    'pod anti-affinity is ignored': [
      {
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname' }],
          },
        },
      },
      {},
      RUNS,
    ],
    'an untolerated NoSchedule taint keeps what runs': [{}, { taints: [taint('gpu:NoSchedule')] }, STAYS],
    'an untolerated NoExecute taint removes what runs': [{}, { taints: [taint('gpu:NoExecute')] }, GOES],
    'NoExecute decides when both effects are there': [
      {},
      { taints: [taint('gpu:NoSchedule'), taint('gpu:NoExecute')] },
      GOES,
    ],
    'a tolerated NoExecute beside an untolerated NoSchedule keeps': [
      { tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }] },
      { taints: [taint('gpu:NoSchedule'), taint('gpu:NoExecute')] },
      STAYS,
    ],
    'PreferNoSchedule is ignored': [{}, { taints: [taint('gpu:PreferNoSchedule')] }, RUNS],
    'a tolerated taint lets the pod run': [
      { tolerations: [{ key: 'gpu', operator: 'Exists' }] },
      { taints: [taint('gpu=yes:NoSchedule')] },
      RUNS,
    ],
    'a toleration is harmless on an untainted node': [{ tolerations: [{ operator: 'Exists' }] }, {}, RUNS],
    'a NoExecute toleration with seconds counts as tolerated': [
      { tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 }] },
      { taints: [taint('gpu:NoExecute')] },
      RUNS,
    ],
    'a label mismatch goes before a mere NoSchedule': [
      { nodeSelector: { zone: 'a' } },
      { taints: [taint('gpu:NoSchedule')] },
      GOES,
    ],
  };

  it.each(Object.entries(cases))('%s', (_, [spec, overrides, expected]) => {
    expect(eligibility(spec, overrides)).toEqual(expected);
  });
});

describe('§2.3 taints of node conditions', () => {
  const table: readonly (readonly [string, boolean, readonly boolean[]])[] = [
    ['node.kubernetes.io/not-ready:NoExecute', false, RUNS],
    ['node.kubernetes.io/unreachable:NoExecute', false, RUNS],
    ['node.kubernetes.io/disk-pressure:NoSchedule', false, RUNS],
    ['node.kubernetes.io/memory-pressure:NoSchedule', false, RUNS],
    ['node.kubernetes.io/pid-pressure:NoSchedule', false, RUNS],
    ['node.kubernetes.io/unschedulable:NoSchedule', false, RUNS],
    ['node.kubernetes.io/network-unavailable:NoSchedule', false, STAYS],
    ['node.kubernetes.io/network-unavailable:NoSchedule', true, RUNS],
    ['node.kubernetes.io/not-ready:NoSchedule', true, STAYS],
    ['node.kubernetes.io/unreachable:NoSchedule', true, STAYS],
    ['node.kubernetes.io/disk-pressure:NoExecute', true, GOES],
    ['node.cloudprovider.kubernetes.io/uninitialized:NoSchedule', true, STAYS],
  ];

  it.each(table)('%s with hostNetwork %s: %j', (text, hostNetwork, expected) => {
    expect(eligibility({ hostNetwork }, { taints: [taint(text)] })).toEqual(expected);
  });
});

describe('§2.2 what is not checked', () => {
  it('capacity, ports and topology spread of the template do not count', () => {
    const spec = {
      containers: [
        { name: 'app', ports: [{ hostPort: 80 }], resources: { requests: { cpu: '1000', memory: '1Ti' } } },
      ],
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
    };
    expect(eligibility(spec)).toEqual(RUNS);
  });
});

function reasonFor(spec: PodSpec, overrides: NodeOverrides = {}): IneligibleReason | undefined {
  const result = compileEligibility(spec)(node('n1', overrides));
  return result.shouldRun ? undefined : result.reason;
}

describe('reasons', () => {
  const sentences: Record<string, readonly [PodSpec, NodeOverrides]> = {
    'the template names the node n2 in spec.nodeName': [{ nodeName: 'n2' }, {}],
    'lacks the label zone=a that spec.nodeSelector asks for': [{ nodeSelector: { zone: 'a' } }, {}],
    'has zone=b, and spec.nodeSelector asks for a': [
      { nodeSelector: { zone: 'a' } },
      { labels: { zone: 'b' } },
    ],
    'matches no term of the required node affinity': [zoneAffinity('a'), {}],
    'has the taint gpu=yes:NoSchedule, which the pod does not tolerate': [
      {},
      { taints: [taint('gpu=yes:NoSchedule')] },
    ],
  };

  it.each(Object.entries(sentences))('%s', (sentence, [spec, overrides]) => {
    const reason = reasonFor(spec, overrides);
    expect(reason && describeReason(reason)).toBe(sentence);
  });

  it('names the taint that evicts before the one that only repels', () => {
    const taints = [taint('a:NoSchedule'), taint('b:NoExecute')];
    expect(reasonFor({}, { taints })).toEqual({ kind: 'taint', taint: taint('b:NoExecute') });
  });

  it('writes taints as kubectl does', () => {
    expect(formatTaint(taint('gpu=yes:NoSchedule'))).toBe('gpu=yes:NoSchedule');
    expect(formatTaint(taint('gpu:NoExecute'))).toBe('gpu:NoExecute');
  });
});
