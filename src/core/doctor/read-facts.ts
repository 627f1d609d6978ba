import type { DaemonSetFacts, LeaseFacts } from './evidence.ts';

type ManagedFields = { readonly manager?: string; readonly subresource?: string; readonly time?: string };

type RawDaemonSet = {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly generation?: number;
    readonly managedFields?: readonly ManagedFields[];
  };
  readonly status?: { readonly observedGeneration?: number };
};

type RawLease = {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
  };
};

/** Who syncs a DaemonSet, as far as it can be read off it. */
export function daemonSetFacts({ metadata, status = {} }: RawDaemonSet): DaemonSetFacts {
  const { name, namespace = '', generation = 0, managedFields = [] } = metadata;
  return {
    namespace,
    name,
    generation,
    observedGeneration: status.observedGeneration ?? 0,
    changedAt: Math.max(0, ...managedFields.map(({ time }) => timeOf(time))),
    statusWriters: managedFields
      .filter(({ subresource }) => subresource === 'status')
      .map(({ manager = '', time }) => ({ manager, at: timeOf(time) })),
  };
}

export function leaseFacts({ spec = {} }: RawLease): LeaseFacts {
  return {
    holder: spec.holderIdentity ?? '',
    acquiredAt: timeOf(spec.acquireTime),
    renewedAt: timeOf(spec.renewTime),
    durationMs: (spec.leaseDurationSeconds ?? 15) * 1000,
  };
}

function timeOf(text: string | undefined): number {
  return text === undefined ? 0 : Date.parse(text);
}
