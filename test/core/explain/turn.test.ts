import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PodSpec } from '../../../src/api/pod.ts';
import { applyChange, describeChange, type Encounter } from '../../../src/core/explain/change.ts';
import { obstacles } from '../../../src/core/explain/obstacle.ts';
import { turns } from '../../../src/core/explain/turn.ts';
import { compileEligibility } from '../../../src/core/scheduling/eligibility.ts';
import { encounters } from '../../builders/arbitrary-encounter.ts';
import { node, type NodeOverrides, taint } from '../../builders/node.ts';
import { required } from '../../builders/pod-spec.ts';

const shouldRun = ({ spec, node }: Encounter): boolean => compileEligibility(spec)(node).shouldRun;

describe('a turn', () => {
  it('turns the answer when it is carried out, and there always is one', () => {
    fc.assert(
      fc.property(encounters, (encounter) => {
        const found = turns(encounter, 'demo');
        expect(found.length).toBeGreaterThan(0);
        for (const { changes } of found) {
          expect(shouldRun(changes.reduce(applyChange, encounter))).toBe(!shouldRun(encounter));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('has nothing in it that is not needed', () => {
    fc.assert(
      fc.property(encounters, (encounter) => {
        const [best] = turns(encounter, 'demo');
        for (const left of best?.changes ?? []) {
          const fewer = best!.changes.filter((change) => change !== left).reduce(applyChange, encounter);
          expect(shouldRun(fewer)).toBe(shouldRun(encounter));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is one change where one thing is in the way', () => {
    fc.assert(
      fc.property(encounters, (encounter) => {
        const [blocked, another] = obstacles(encounter.spec, encounter.node);
        fc.pre(blocked !== undefined && another === undefined && blocked.kind !== 'nodeAffinity');
        expect(turns(encounter, 'demo')[0]?.changes).toHaveLength(1);
      }),
    );
  });
});

describe('what it says', () => {
  const zone = (...values: string[]) => ({ key: 'zone', operator: 'In', values });
  const cases: Record<string, readonly [PodSpec, NodeOverrides, readonly (readonly string[])[]]> = {
    'a label that nodeSelector asks for': [
      { nodeSelector: { gpu: 'yes' } },
      {},
      [['kubectl label node n gpu=yes --overwrite'], ['remove gpu from spec.template.spec.nodeSelector']],
    ],
    'a label that Kubernetes keeps': [
      { nodeSelector: { 'kubernetes.io/arch': 'arm64' } },
      { labels: { 'kubernetes.io/arch': 'amd64' } },
      [
        ['remove kubernetes.io/arch from spec.template.spec.nodeSelector'],
        ['kubectl label node n kubernetes.io/arch=arm64 --overwrite'],
      ],
    ],
    'a taint': [
      {},
      { taints: [taint('dedicated=gpu:NoSchedule')] },
      [
        ['kubectl taint node n dedicated:NoSchedule-'],
        [
          'add to spec.template.spec.tolerations: {"key":"dedicated","operator":"Equal","value":"gpu","effect":"NoSchedule"}',
        ],
      ],
    ],
    'a taint that goes by itself': [
      {},
      { taints: [taint('node.kubernetes.io/not-ready:NoSchedule')] },
      [
        [
          'add to spec.template.spec.tolerations: {"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoSchedule"}',
        ],
        ['kubectl taint node n node.kubernetes.io/not-ready:NoSchedule-'],
      ],
    ],
    'a nodeName': [{ nodeName: 'm' }, {}, [['remove spec.template.spec.nodeName']]],
    'the affinity that comes nearest': [
      required([
        { matchExpressions: [zone('a'), { key: 'gpu', operator: 'Exists' }] },
        { matchExpressions: [zone('b'), { key: 'cores', operator: 'Gt', values: ['8'] }] },
      ]),
      { labels: { zone: 'b', cores: '8' } },
      [
        ['kubectl label node n cores=9 --overwrite'],
        ['remove matchExpressions[1] from term 2 of the required node affinity'],
      ],
    ],
    'an affinity for another node': [
      required([{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['m'] }] }]),
      {},
      [['remove the required node affinity of the template']],
    ],
    'what contradicts itself': [
      {
        nodeSelector: { zone: 'a' },
        ...required([{ matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }]),
      },
      { labels: { zone: 'b' } },
      [['remove zone from spec.template.spec.nodeSelector']],
    ],
    'two things at once': [
      { nodeSelector: { zone: 'a' } },
      { taints: [taint('gpu:NoExecute')] },
      [
        ['kubectl label node n zone=a --overwrite', 'kubectl taint node n gpu:NoExecute-'],
        [
          'remove zone from spec.template.spec.nodeSelector',
          'add to spec.template.spec.tolerations: {"key":"gpu","operator":"Exists","effect":"NoExecute"}',
        ],
      ],
    ],
    'to keep a pod away that asked for a label': [
      { nodeSelector: { gpu: 'yes' } },
      { labels: { gpu: 'yes' } },
      [
        ['kubectl label node n gpu-'],
        ['add to the template a required node affinity with matchFields: metadata.name NotIn [n]'],
      ],
    ],
    'to keep a pod away that has an affinity': [
      required([{ matchExpressions: [{ key: 'gpu', operator: 'DoesNotExist' }] }]),
      {},
      [
        ['add to every term of the required node affinity matchFields: metadata.name NotIn [n]'],
        ['kubectl taint node n keep-off=demo:NoExecute'],
      ],
    ],
    'one label that two parts ask for': [
      { nodeSelector: { zone: 'b' }, ...required([{ matchExpressions: [zone('a', 'b')] }]) },
      { taints: [taint('gpu:NoSchedule')] },
      [
        ['kubectl label node n zone=b --overwrite', 'kubectl taint node n gpu:NoSchedule-'],
        [
          'remove the required node affinity of the template',
          'remove zone from spec.template.spec.nodeSelector',
          'add to spec.template.spec.tolerations: {"key":"gpu","operator":"Exists","effect":"NoSchedule"}',
        ],
      ],
    ],
    'a term of which something would be left, before all of the affinity': [
      required([
        { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['m'] }] },
        { matchExpressions: [zone('a'), { key: 'gpu', operator: 'DoesNotExist' }] },
      ]),
      {},
      [
        ['kubectl label node n zone=a --overwrite'],
        ['remove matchExpressions[0] from term 2 of the required node affinity'],
      ],
    ],
    'a value that no label can have': [
      required([{ matchExpressions: [{ key: 'cores', operator: 'Lt', values: ['0'] }] }]),
      {},
      [['remove the required node affinity of the template']],
    ],
    'a taint that a person sets, though its key is of Kubernetes': [
      {},
      { taints: [taint('node.kubernetes.io/out-of-service=x:NoExecute')] },
      [
        ['kubectl taint node n node.kubernetes.io/out-of-service:NoExecute-'],
        [
          'add to spec.template.spec.tolerations: {"key":"node.kubernetes.io/out-of-service","operator":"Equal","value":"x","effect":"NoExecute"}',
        ],
      ],
    ],
    'to keep a pod away that asked for nothing': [
      {},
      {},
      [
        ['add to the template a required node affinity with matchFields: metadata.name NotIn [n]'],
        ['kubectl taint node n keep-off=demo:NoExecute'],
      ],
    ],
  };

  it.each(Object.entries(cases))('%s', (_, [spec, overrides, expected]) => {
    const said = turns({ spec, node: node('n', overrides) }, 'demo').map(({ changes }) =>
      changes.map((change) => describeChange(change, 'n')),
    );
    expect(said).toEqual(expected);
  });

  it('names a taint that can be set, however long the name of the DaemonSet', () => {
    const [, other] = turns({ spec: {}, node: node('n') }, `${'a'.repeat(62)}.b`);
    expect(other?.changes).toMatchObject([{ taint: { value: 'a'.repeat(62) } }]);
  });

  it('notes what would not last', () => {
    const [, other] = turns(
      { spec: {}, node: node('n', { taints: [taint('node.kubernetes.io/not-ready:NoSchedule')] }) },
      'demo',
    );
    expect(other?.note).toContain('takes it away by itself');
  });
});
