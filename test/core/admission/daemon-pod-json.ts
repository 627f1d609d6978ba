import { apply_patch as applyPatch } from 'jsonpatch';
import type { JsonPatchOperation } from '../../../src/api/admission.ts';
import { mutatePod } from '../../../src/core/admission/mutate-pod.ts';
import type { Problem } from '../../../src/core/admission/verdict.ts';

export const OWNER = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'u1', controller: true };
export const NODE_ANNOTATION = 'everynode.dev/node';

export type RawPod = {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
};

/** A Pod as JSON that the DaemonSet `agent` controls. */
export function daemonPod(
  spec: Readonly<Record<string, unknown>>,
  annotations?: Readonly<Record<string, unknown>>,
): RawPod {
  return {
    metadata: { name: 'agent-x', ownerReferences: [OWNER], ...(annotations && { annotations }) },
    spec: { containers: [{ name: 'a', image: 'b' }], ...spec },
  };
}

export function patchOf(pod: unknown): readonly JsonPatchOperation[] {
  const verdict = mutatePod(pod);
  if (!verdict.allowed) throw new Error(`denied: ${verdict.violations[0]?.message}`);
  return verdict.patch;
}

export function patched<T>(pod: T): T {
  return applyPatch(pod, [...patchOf(pod)]);
}

/** The rule that denies, with its problem; undefined when the Pod is allowed. */
export function denialOf(pod: unknown): ({ readonly rule: string } & Problem) | undefined {
  const verdict = mutatePod(pod);
  return verdict.allowed ? undefined : verdict.violations[0];
}

export function nameField(operator: string, ...values: readonly string[]): object {
  return { key: 'metadata.name', operator, values };
}

/** Required node affinity with these terms, as the value of spec.affinity. */
export function required(...nodeSelectorTerms: readonly object[]): object {
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
}
