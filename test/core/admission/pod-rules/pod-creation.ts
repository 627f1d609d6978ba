import type { PodCreation } from '../../../../src/core/admission/rule.ts';

const MAKER = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'u1', controller: true };

export type PodParts = {
  readonly labels?: unknown;
  readonly annotations?: unknown;
  readonly owner?: unknown;
};

/** The creation of a Pod, by default one that the DaemonSet `agent` controls, asked for by `jane`. */
export function podCreation(parts: PodParts, overrides: Partial<PodCreation> = {}): PodCreation {
  const { owner = MAKER, labels, annotations } = parts;
  return {
    kind: 'Pod',
    namespace: 'default',
    username: 'jane',
    daemonPodMakers: [],
    object: { metadata: { labels, annotations, ownerReferences: owner === null ? [] : [owner] }, spec: {} },
    ...overrides,
  };
}

export const ownedBy = (kind: string, apiVersion = 'apps/v1'): unknown => ({ ...MAKER, kind, apiVersion });
