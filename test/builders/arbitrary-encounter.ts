import * as fc from 'fast-check';
import type { NodeRecord, Taint } from '../../src/api/node.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm, PodSpec, Toleration } from '../../src/api/pod.ts';
import type { Encounter } from '../../src/core/explain/change.ts';
import { node } from './node.ts';

const KEYS = ['zone', 'gpu', 'kubernetes.io/arch', 'cores'];
const VALUES = ['a', 'b', '4', '8'];

const keys = fc.constantFrom(...KEYS);
const values = fc.constantFrom(...VALUES);
const labels = fc.dictionary(keys, values, { maxKeys: 4 });

const requirements: fc.Arbitrary<NodeSelectorRequirement> = fc.record({
  key: keys,
  operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt', 'Like'),
  values: fc.oneof(fc.constant<string[]>([]), fc.tuple(values), fc.subarray(VALUES, { minLength: 1 })),
});
const fields = fc.record({
  key: fc.constantFrom('metadata.name', 'metadata.name', 'metadata.uid'),
  operator: fc.constantFrom('In', 'NotIn', 'Exists'),
  values: fc.tuple(fc.constantFrom('n1', 'n2')),
});
const terms: fc.Arbitrary<NodeSelectorTerm> = fc.record(
  {
    matchExpressions: fc.array(requirements, { maxLength: 3 }),
    matchFields: fc.array(fields, { maxLength: 1 }),
  },
  { requiredKeys: [] },
);

const taintKeys = fc.constantFrom('gpu', 'dedicated', 'node.kubernetes.io/not-ready');
const taints: fc.Arbitrary<Taint> = fc.record(
  {
    key: taintKeys,
    value: fc.constantFrom('a', 'b', ''),
    effect: fc.constantFrom('NoSchedule', 'NoExecute', 'PreferNoSchedule'),
  },
  { requiredKeys: ['key', 'effect'] },
);
const tolerations: fc.Arbitrary<Toleration> = fc.record(
  {
    key: taintKeys,
    operator: fc.constantFrom('Exists', 'Equal'),
    value: fc.constantFrom('a', 'b'),
    effect: fc.constantFrom('NoSchedule', 'NoExecute'),
  },
  { requiredKeys: [] },
);

const specs: fc.Arbitrary<PodSpec> = fc
  .record(
    {
      nodeName: fc.constantFrom('n1', 'n2', ''),
      nodeSelector: fc.dictionary(keys, values, { maxKeys: 2 }),
      terms: fc.array(terms, { maxLength: 3 }),
      tolerations: fc.array(tolerations, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  )
  .map(({ terms, ...spec }) => ({
    ...spec,
    ...(terms && {
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
      },
    }),
  }));

const nodes: fc.Arbitrary<NodeRecord> = fc
  .record({
    name: fc.constantFrom('n1', 'n2'),
    labels,
    taints: fc.array(taints, { maxLength: 3 }),
  })
  .map(({ name, ...rest }) => node(name, rest));

/** Templates and nodes of all sorts, malformed demands among them. */
export const encounters: fc.Arbitrary<Encounter> = fc.record({ spec: specs, node: nodes });
