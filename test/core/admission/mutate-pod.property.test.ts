import { apply_patch as applyPatch } from 'jsonpatch';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Affinity, PodSpec, Toleration } from '../../../src/api/pod.ts';
import { mutatePod, validatePod } from '../../../src/core/admission/mutate-pod.ts';
import { isPinnedTo } from '../../../src/core/admission/pod-node.ts';
import { addDaemonTolerations, daemonTolerations } from '../../../src/core/placement/daemon-tolerations.ts';
import { pinToNode, targetNodeName } from '../../../src/core/placement/pin-to-node.ts';
import { daemonPod, NODE_ANNOTATION, OWNER, type RawPod } from './daemon-pod-json.ts';

const optional = <T extends object>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<object> =>
  fc.record(shape, { requiredKeys: [] });
const nodeName = fc.constantFrom('n1', 'n2', 'n3');
const daemonKeys = daemonTolerations({ hostNetwork: true }).map(({ key }) => key ?? '');

const toleration = optional({
  key: fc.constantFrom(...daemonKeys, 'gpu', ''),
  operator: fc.constantFrom('Exists', 'Equal', ''),
  value: fc.constantFrom('', 'v'),
  effect: fc.constantFrom('NoSchedule', 'NoExecute', ''),
  tolerationSeconds: fc.constantFrom(0, 300),
  fieldOfTomorrow: fc.jsonValue({ maxDepth: 1 }),
});
const requirement = fc.record({
  key: fc.constantFrom('metadata.name', 'zone'),
  operator: fc.constantFrom('In', 'NotIn', 'Exists'),
  values: fc.oneof(
    { weight: 4, arbitrary: nodeName.map((name) => [name]) },
    { weight: 1, arbitrary: fc.array(nodeName, { maxLength: 3 }) },
  ),
});
/** Of a field the API server takes one value, and no more. */
const field = requirement.map((each) => ({ ...each, values: each.values.slice(0, 1) }));
const term = optional({
  matchFields: fc.array(field, { maxLength: 2 }),
  matchExpressions: fc.array(requirement, { maxLength: 2 }),
});
const affinity = optional({
  nodeAffinity: fc.option(
    optional({
      requiredDuringSchedulingIgnoredDuringExecution: fc.option(
        optional({ nodeSelectorTerms: fc.array(term, { maxLength: 3 }) }),
      ),
      preferredDuringSchedulingIgnoredDuringExecution: fc.array(fc.jsonValue({ maxDepth: 1 }), {
        maxLength: 2,
      }),
      fieldOfTomorrow: fc.jsonValue({ maxDepth: 1 }),
    }),
  ),
  podAffinity: fc.jsonValue({ maxDepth: 2 }),
  podAntiAffinity: fc.jsonValue({ maxDepth: 2 }),
  fieldOfTomorrow: fc.jsonValue({ maxDepth: 1 }),
});
/** Pods that a DaemonSet controls, well-formed where placement reads them, anything elsewhere. */
const pods: fc.Arbitrary<RawPod> = fc
  .tuple(
    optional({
      nodeName: fc.constantFrom('n1', ''),
      affinity: fc.option(affinity),
      tolerations: fc.option(fc.array(toleration, { maxLength: 8 })),
      hostNetwork: fc.boolean(),
      fieldOfTomorrow: fc.jsonValue({ maxDepth: 2 }),
      'with~and/': fc.jsonValue({ maxDepth: 1 }),
    }),
    fc.option(fc.constantFrom('n1', 'n2')),
  )
  .map(([spec, node]) => daemonPod({ ...spec }, node === null ? undefined : { [NODE_ANNOTATION]: node }));

/** The Pod after the patch; undefined when it is denied. */
function mutated(pod: RawPod): RawPod | undefined {
  const verdict = mutatePod(pod);
  return verdict.allowed ? applyPatch(pod, [...verdict.patch]) : undefined;
}

function forAllowed(check: (before: RawPod, after: RawPod) => void): void {
  let allowed = 0;
  fc.assert(
    fc.property(pods, (pod) => {
      const after = mutated(pod);
      if (after === undefined) return;
      allowed += 1;
      check(pod, after);
    }),
    { numRuns: 1_000 },
  );
  // The property says nothing unless many of the Pods get through.
  expect(allowed).toBeGreaterThan(200);
}

const specOf = (pod: RawPod): PodSpec => pod.spec;

/** What the API server is told to tolerate, without end; fields that we do not know may stand beside it. */
function expectEndless(list: readonly Toleration[], wanted: Toleration): void {
  const endless = list.filter(({ tolerationSeconds }) => tolerationSeconds === undefined);
  expect(endless).toContainEqual(expect.objectContaining(wanted));
}

/** The affinity without the required terms, which alone the pin may replace. */
function unpinned(affinity: Affinity | null | undefined): object {
  const { nodeAffinity, ...others } = affinity ?? {};
  const { requiredDuringSchedulingIgnoredDuringExecution: _, ...preferences } = nodeAffinity ?? {};
  return { ...others, preferences };
}

describe('mutatePod, for any Pod that a DaemonSet controls', () => {
  it('has nothing to do the second time, and the validating phase accepts the result', () => {
    forAllowed((_, after) => {
      expect(mutatePod(after)).toEqual({ allowed: true, patch: [], violations: [] });
      expect(validatePod(after).allowed).toBe(true);
    });
  });

  it('makes what the sync loop makes of the same spec and node', () => {
    forAllowed((before, after) => {
      const spec = specOf(before);
      const node = targetNodeName(specOf(after)) ?? '';
      const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
      const kept = isPinnedTo(required, node);
      expect(after.spec).toEqual({
        ...spec,
        affinity: kept ? spec.affinity : pinToNode(spec.affinity ?? undefined, node),
        tolerations: addDaemonTolerations(spec),
      });
      expect(after.metadata).toEqual(before.metadata);
    });
  });

  it('binds the Pod to one node, and to none that the Pod does not name', () => {
    forAllowed((before, after) => {
      const node = targetNodeName(specOf(after)) ?? '';
      expect(
        isPinnedTo(
          specOf(after).affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
          node,
        ),
      ).toBe(true);
      expect(JSON.stringify(before)).toContain(`"${node}"`);
    });
  });

  it('leaves it tolerating every taint of a daemon, for ever', () => {
    forAllowed((before, after) => {
      const list = specOf(after).tolerations ?? [];
      for (const wanted of daemonTolerations(specOf(before))) expectEndless(list, wanted);
    });
  });

  it('adds what the configuration asks for once, and has nothing to do the second time', () => {
    const extra = [
      { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' },
      { key: daemonKeys[0] ?? '', operator: 'Exists', effect: 'NoExecute' },
    ];
    fc.assert(
      fc.property(pods, (pod) => {
        const verdict = mutatePod(pod, extra);
        if (!verdict.allowed) return;
        const after = applyPatch(pod, [...verdict.patch]);
        expect(mutatePod(after, extra)).toEqual({ allowed: true, patch: [], violations: [] });
        const gpu = (specOf(after).tolerations ?? []).filter(
          ({ key, operator, value, effect }) =>
            key === 'gpu' && operator === 'Exists' && !value && effect === 'NoSchedule',
        );
        const own = (specOf(pod).tolerations ?? []).length;
        expect(gpu.length).toBeGreaterThan(0);
        expect((specOf(after).tolerations ?? []).length).toBeLessThanOrEqual(own + daemonKeys.length + 1);
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps every toleration, preference and pod affinity of the user', () => {
    forAllowed((before, after) => {
      const [was, is] = [specOf(before), specOf(after)];
      const wanted = daemonTolerations(was);
      (was.tolerations ?? []).forEach((toleration, at) => {
        const { tolerationSeconds: _, ...unlimited } = toleration;
        const replaced = wanted.find(
          ({ key, effect }) => key === toleration.key && effect === toleration.effect,
        );
        // Only a daemon toleration that would end is replaced, and by its endless self.
        expect([toleration, replaced ?? unlimited]).toContainEqual(is.tolerations?.[at]);
      });
      expect(unpinned(is.affinity)).toEqual(unpinned(was.affinity));
    });
  });

  it('never throws, and never patches what is malformed, whatever the JSON', () => {
    const part = fc.jsonValue({ maxDepth: 4 });
    const hostile = fc.oneof(
      part,
      optional({ spec: part, metadata: part }),
      fc
        .record(
          { affinity: part, tolerations: part, nodeName: part, hostNetwork: part },
          { requiredKeys: [] },
        )
        .map((spec) => daemonPod(spec, { [NODE_ANNOTATION]: 'n1' })),
      fc.tuple(part, part).map(([annotations, controller]) => ({
        metadata: { annotations, ownerReferences: [OWNER, { ...OWNER, controller }] },
        spec: {},
      })),
    );
    fc.assert(
      fc.property(hostile, (pod) => {
        const verdict = mutatePod(pod);
        validatePod(pod);
        if (verdict.allowed) applyPatch(pod, [...verdict.patch]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('mutatePod between other webhooks', () => {
  it('restores its part when another one has changed it between two calls, and nothing else', () => {
    fc.assert(
      fc.property(pods, fc.boolean(), (pod, dropTolerations) => {
        const after = mutated(pod);
        if (after === undefined) return;
        const meddled: RawPod = {
          ...after,
          metadata: { ...after.metadata, labels: { mesh: 'injected' } },
          spec: {
            ...after.spec,
            containers: [{ name: 'sidecar' }],
            ...(dropTolerations && { tolerations: [] satisfies Toleration[] }),
          },
        };
        const again = mutated(meddled);
        expect(again?.metadata).toEqual(meddled.metadata);
        expect(again?.spec['containers']).toEqual(meddled.spec['containers']);
        expect(again?.spec['affinity']).toEqual(after.spec['affinity']);
        const list = (again?.spec['tolerations'] ?? []) as readonly Toleration[];
        for (const wanted of daemonTolerations(specOf(pod))) expectEndless(list, wanted);
      }),
    );
  });
});
