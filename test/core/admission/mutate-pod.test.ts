import { describe, expect, it } from 'vitest';
import type { Affinity } from '../../../src/api/pod.ts';
import { mutatePod, validatePod } from '../../../src/core/admission/mutate-pod.ts';
import { ALLOWED } from '../../../src/core/admission/verdict.ts';
import { addDaemonTolerations, daemonTolerations } from '../../../src/core/placement/daemon-tolerations.ts';
import { pinToNode } from '../../../src/core/placement/pin-to-node.ts';
import {
  daemonPod,
  denialOf,
  NODE_ANNOTATION,
  nameField,
  OWNER,
  patched,
  patchOf,
  type RawPod,
  required,
} from './daemon-pod-json.ts';

const REQUIRED = '/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution';
const pinned = { matchFields: [nameField('In', 'n1')] };
const zone = { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] };
const preferred = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: zone }] };
const tolerations = daemonTolerations({});
const n1 = { [NODE_ANNOTATION]: 'n1' };

describe('mutatePod: the pin', () => {
  it('adds the smallest subtree that is missing', () => {
    const T = { tolerations };
    const cases: readonly { readonly affinity: unknown; readonly path: string }[] = [
      { affinity: undefined, path: '/spec/affinity' },
      { affinity: null, path: '/spec/affinity' },
      { affinity: {}, path: '/spec/affinity/nodeAffinity' },
      { affinity: { podAffinity: { x: 1 } }, path: '/spec/affinity/nodeAffinity' },
      { affinity: { nodeAffinity: null }, path: '/spec/affinity/nodeAffinity' },
      { affinity: { nodeAffinity: {} }, path: REQUIRED },
      { affinity: { nodeAffinity: preferred }, path: REQUIRED },
    ];
    for (const { affinity, path } of cases) {
      const pod = daemonPod({ ...T, ...(affinity !== undefined && { affinity }) }, n1);
      expect(patchOf(pod)).toMatchObject([{ op: 'add', path }]);
      expect(patched(pod).spec).toEqual({
        ...pod.spec,
        affinity: pinToNode((affinity ?? undefined) as Affinity, 'n1'),
      });
    }
  });

  it('replaces required terms that do not bind the Pod to the node, as the sync loop does', () => {
    const pod = daemonPod({ tolerations, affinity: required(zone) }, n1);
    expect(patchOf(pod)).toEqual([{ op: 'replace', path: REQUIRED, value: { nodeSelectorTerms: [pinned] } }]);
  });

  const alreadyPinned: Record<string, object> = {
    'by the term of the sync loop': required(pinned),
    'together with own terms': required({ ...zone, ...pinned }),
    'by every one of several terms': required({ ...zone, ...pinned }, pinned),
    'by the narrower of two requirements': required({
      matchFields: [nameField('In', 'n1', 'n2'), nameField('In', 'n1')],
    }),
  };

  it.each(Object.entries(alreadyPinned))('leaves a Pod alone that is pinned %s', (name, affinity) => {
    const annotations = name.startsWith('by the narrower') ? n1 : undefined;
    expect(patchOf(daemonPod({ tolerations, affinity }, annotations))).toEqual([]);
  });

  const notPinned: Record<string, object> = {
    'one term in two names it': required(pinned, zone),
    'there are no terms': required(),
    'the terms are empty': required({}),
    'the name is only excluded': required({ matchFields: [nameField('NotIn', 'n2')] }),
    'a hostname label names it': required({
      matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['n1'] }],
    }),
    'it is one of several names': required({ matchFields: [nameField('In', 'n1', 'n2')] }),
  };

  it.each(Object.entries(notPinned))('pins the Pod to its node where %s', (_, affinity) => {
    const pod = daemonPod({ affinity }, n1);
    expect(patched(pod).spec['affinity']).toEqual(required(pinned));
  });

  it('takes the node from spec.nodeName, from the affinity, or from the annotation', () => {
    const affinity = required(pinned);
    for (const pod of [daemonPod({ nodeName: 'n1' }), daemonPod({ affinity }), daemonPod({}, n1)]) {
      expect(patched(pod).spec['affinity']).toEqual(affinity);
    }
  });

  it('accepts the same node named three times, and an empty annotation', () => {
    const spec = { nodeName: 'n1', affinity: required(pinned), tolerations };
    expect(patchOf(daemonPod(spec, n1))).toEqual([]);
    expect(patchOf(daemonPod(spec, { [NODE_ANNOTATION]: '' }))).toEqual([]);
  });
});

function pinnedPod(spec: Record<string, unknown>): RawPod {
  return daemonPod({ affinity: required(pinned), ...spec });
}

describe('mutatePod: the tolerations', () => {
  it('adds the list where there is none', () => {
    expect(patchOf(pinnedPod({}))).toEqual([{ op: 'add', path: '/spec/tolerations', value: tolerations }]);
    expect(patchOf(pinnedPod({ tolerations: null }))).toMatchObject([
      { op: 'add', path: '/spec/tolerations' },
    ]);
  });

  it('appends what is missing and leaves what is there', () => {
    const own = [
      { operator: 'Exists' },
      { key: 'gpu', operator: 'Equal', value: 'yes', unknown: { deep: [1] } },
    ];
    expect(patchOf(pinnedPod({ tolerations: own }))).toEqual(
      tolerations.map((value) => ({ op: 'add', path: '/spec/tolerations/-', value })),
    );
  });

  it('replaces in place one that ends after some seconds, as the API server adds them by default', () => {
    const [notReady, unreachable, ...others] = tolerations;
    const limited = [
      { ...notReady, tolerationSeconds: 300 },
      { ...unreachable, tolerationSeconds: 300 },
    ];
    expect(patchOf(pinnedPod({ tolerations: [...others, ...limited] }))).toEqual([
      { op: 'replace', path: '/spec/tolerations/4', value: notReady },
      { op: 'replace', path: '/spec/tolerations/5', value: unreachable },
    ]);
  });

  it('adds the one for a network that is not there yet to Pods on the host network', () => {
    const key = 'node.kubernetes.io/network-unavailable';
    expect(patchOf(pinnedPod({ tolerations, hostNetwork: true }))).toMatchObject([{ value: { key } }]);
    expect(patched(pinnedPod({ hostNetwork: true })).spec['tolerations']).toEqual(
      addDaemonTolerations({ hostNetwork: true }),
    );
  });
});

describe('mutatePod: denials', () => {
  it('denies a Pod that names no node, and says how to name one', () => {
    for (const affinity of [
      undefined,
      null,
      {},
      required(),
      required(zone),
      required({ matchFields: [nameField('In')] }),
    ]) {
      const denial = denialOf(daemonPod({ affinity }));
      expect(denial?.rule).toBe('pod-names-no-node');
      expect(denial?.path).toBe(`spec.${REQUIRED.slice(6).replaceAll('/', '.')}`);
      expect(denial?.message).toContain('the annotation everynode.dev/node');
    }
  });

  it('denies a Pod that names several, unless spec.nodeName or the annotation chooses among them', () => {
    for (const terms of [
      [{ matchFields: [nameField('In', 'n1', 'n2')] }],
      [pinned, { matchFields: [nameField('In', 'n2')] }],
    ]) {
      const affinity = required(...terms);
      expect(denialOf(daemonPod({ affinity }))).toMatchObject({ rule: 'pod-names-no-node' });
      expect(denialOf(daemonPod({ affinity }))?.message).toContain('names 2 nodes ("n1", "n2")');
      expect(patched(daemonPod({ affinity }, n1)).spec['affinity']).toEqual(required(pinned));
      expect(patched(daemonPod({ affinity, nodeName: 'n1' })).spec['affinity']).toEqual(required(pinned));
    }
  });

  const contradictions: Record<string, [pod: unknown, path: string, said: string]> = {
    'the annotation and spec.nodeName': [
      daemonPod({ nodeName: 'n2' }, n1),
      'metadata.annotations[everynode.dev/node]',
      'names node "n1", but spec.nodeName names "n2"',
    ],
    'the annotation and the affinity': [
      daemonPod({ affinity: required({ matchFields: [nameField('In', 'n2')] }) }, n1),
      'metadata.annotations[everynode.dev/node]',
      'names node "n1", but spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution names "n2"',
    ],
    'the annotation and several in the affinity': [
      daemonPod({ affinity: required({ matchFields: [nameField('In', 'n2', 'n3')] }) }, n1),
      'metadata.annotations[everynode.dev/node]',
      'names "n2", "n3"',
    ],
    'spec.nodeName and the affinity': [
      daemonPod({ nodeName: 'n2', affinity: required(pinned) }),
      'spec.nodeName',
      'is "n2", but spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution names "n1"',
    ],
  };

  it.each(Object.entries(contradictions))('denies a contradiction of %s', (_, [pod, path, said]) => {
    expect(denialOf(pod)).toMatchObject({ rule: 'pod-names-two-nodes', path });
    expect(denialOf(pod)?.message).toContain(said);
    expect(denialOf(pod)?.message).toContain('Remove one of the two');
  });

  it.each(['Not A Node', '-n', 'n/1', 'n1.', 'x'.repeat(254)])(
    'denies an annotation that no Node is called: %s',
    (name) => {
      const denial = denialOf(daemonPod({}, { [NODE_ANNOTATION]: name }));
      expect(denial).toMatchObject({
        rule: 'pod-names-no-node',
        path: 'metadata.annotations[everynode.dev/node]',
      });
    },
  );
});

function owned(...ownerReferences: readonly unknown[]): RawPod {
  return { ...daemonPod({}), metadata: { name: 'x', ownerReferences } };
}

describe('mutatePod: who is left alone', () => {
  const untouched: Record<string, unknown> = {
    'a Pod without owner': owned(),
    'a Pod of a ReplicaSet': owned({ ...OWNER, kind: 'ReplicaSet' }),
    'a Pod of a DaemonSet of another group': owned({ ...OWNER, apiVersion: 'apps.kruise.io/v1' }),
    'a Pod that a DaemonSet owns but does not control': owned({ ...OWNER, controller: false }),
    'a mirror pod': daemonPod({ nodeName: 'n1' }, { 'kubernetes.io/config.mirror': 'hash' }),
    'no object': null,
    'no metadata': { spec: {} },
    'no spec': { metadata: { ownerReferences: [OWNER] } },
    'owners that are not a list': { ...daemonPod({}), metadata: { ownerReferences: OWNER } },
    'owners that are not objects': owned(null, 5, 'DaemonSet'),
    'an owner whose apiVersion is no string': owned({ ...OWNER, apiVersion: 1 }),
    'a spec that is not an object': { ...daemonPod({}), spec: [] },
    'a nodeName that is no string': daemonPod({ nodeName: 5 }, n1),
    'an affinity that is not an object': daemonPod({ affinity: 'n1' }, n1),
    'a nodeAffinity that is not an object': daemonPod({ affinity: { nodeAffinity: [] } }, n1),
    'terms that are not a list': daemonPod(
      {
        affinity: {
          nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: {} } },
        },
      },
      n1,
    ),
    'a term that is null': daemonPod(
      {
        affinity: {
          nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [null] } },
        },
      },
      n1,
    ),
    'values that are no strings': daemonPod(
      { affinity: required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: [1] }] }) },
      n1,
    ),
    'tolerations that are not a list': daemonPod({ tolerations: {} }, n1),
    'a toleration whose key is no string': daemonPod({ tolerations: [{ key: 1 }] }, n1),
  };

  it.each(Object.entries(untouched))('allows without a patch: %s', (_, pod) => {
    expect(mutatePod(pod)).toBe(ALLOWED);
    expect(validatePod(pod)).toBe(ALLOWED);
  });

  it('asks the annotation on the Pod itself, not what all objects inherit', () => {
    expect(
      denialOf({ ...daemonPod({}), metadata: { ownerReferences: [OWNER], annotations: {} } }),
    ).toBeDefined();
  });
});

describe('validatePod', () => {
  it('accepts what mutatePod makes, and Pods of the sync loop', () => {
    expect(validatePod(patched(daemonPod({}, n1)))).toBe(ALLOWED);
    expect(validatePod(daemonPod({ affinity: pinToNode(undefined, 'n1') }))).toBe(ALLOWED);
  });

  it('refuses a Pod that has lost its pin, and says whose work is missing', () => {
    const verdict = validatePod(daemonPod({ affinity: required(pinned, zone) }));
    expect(verdict.violations).toMatchObject([{ rule: 'pod-not-pinned', level: 'deny' }]);
    expect(verdict.violations[0]?.message).toContain('to node n1');
  });

  it('does not insist on tolerations: a pod without them runs where its node lets it', () => {
    expect(validatePod(daemonPod({ affinity: required(pinned), tolerations: [] }))).toBe(ALLOWED);
  });
});
