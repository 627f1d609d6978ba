import { describe, expect, it } from 'vitest';
import type { Affinity, NodeSelectorTerm, PodSpec } from '../../../src/api/pod.ts';
import { pinToNode, targetNodeName } from '../../../src/core/placement/pin-to-node.ts';

const PINNED = {
  nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }],
};

function named(operator: string, ...values: readonly string[]): NodeSelectorTerm {
  return { matchFields: [{ key: 'metadata.name', operator, values }] };
}

function required(...nodeSelectorTerms: readonly NodeSelectorTerm[]): Affinity {
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
}

const hostname: NodeSelectorTerm = {
  matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['n1'] }],
};

describe('§3.4 affinity injection', () => {
  const replaced: Record<string, Affinity | undefined> = {
    'no affinity': undefined,
    'an empty affinity': {},
    'node affinity without required terms': { nodeAffinity: {} },
    'a required hostname expression': required(hostname),
    'the same node in matchFields': required(named('In', 'n1')),
    'another node in matchFields': required(named('In', 'n2')),
    'several nodes in matchFields': required(named('In', 'n1', 'n2')),
    'several mixed terms': required(hostname, named('NotIn', 'n3'), {}),
  };

  it.each(Object.entries(replaced))('puts exactly one matchFields term in place of: %s', (_, affinity) => {
    expect(pinToNode(affinity, 'n1')).toEqual({
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: PINNED },
    });
  });

  it('keeps preferred node affinity and pod (anti-)affinity', () => {
    const preferred = [{ weight: 1, preference: hostname }];
    const affinity = {
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred },
      podAffinity: { required: 'some' },
      podAntiAffinity: { required: 'none' },
    };
    expect(pinToNode(affinity, 'n1')).toEqual({
      ...affinity,
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: preferred,
        requiredDuringSchedulingIgnoredDuringExecution: PINNED,
      },
    });
  });
});

describe('§3.1 target node', () => {
  const cases: Record<string, readonly [PodSpec | undefined, string | undefined]> = {
    'spec.nodeName': [{ nodeName: 'n1' }, 'n1'],
    '§9.1.24 spec.nodeName before the affinity': [
      { nodeName: 'n1', affinity: required(named('In', 'n2')) },
      'n1',
    ],
    'the affinity of an unbound pod': [{ affinity: required(named('In', 'n2')) }, 'n2'],
    'the affinity beside an empty spec.nodeName': [
      { nodeName: '', affinity: required(named('In', 'n2')) },
      'n2',
    ],
    'the first In on metadata.name over all terms': [
      { affinity: required(hostname, named('NotIn', 'n4'), named('In', 'n3'), named('In', 'n2')) },
      'n3',
    ],
    '§9.1.25 two values name no node': [{ affinity: required(named('In', 'n1', 'n2')) }, undefined],
    'only the first In counts, even when it is useless': [
      { affinity: required(named('In', 'n1', 'n2'), named('In', 'n3')) },
      undefined,
    ],
    'NotIn names no node': [{ affinity: required(named('NotIn', 'n1')) }, undefined],
    'another field names no node': [
      { affinity: required({ matchFields: [{ key: 'metadata.uid', operator: 'In', values: ['n1'] }] }) },
      undefined,
    ],
    'a hostname expression names no node': [{ affinity: required(hostname) }, undefined],
    'no affinity names no node': [{}, undefined],
    'no spec names no node': [undefined, undefined],
  };

  it.each(Object.entries(cases))('%s', (_, [spec, expected]) => {
    expect(targetNodeName(spec)).toBe(expected);
  });

  it('reads back what pinToNode wrote', () => {
    expect(targetNodeName({ affinity: pinToNode(required(hostname), 'n7') })).toBe('n7');
  });
});
