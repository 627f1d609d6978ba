import type { PodSpec, Toleration } from '../../api/pod.ts';

const ALWAYS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];

const HOST_NETWORK: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** The tolerations every daemon pod has: six, and a seventh with `hostNetwork`. */
export function daemonTolerations(spec: Pick<PodSpec, 'hostNetwork'>): readonly Toleration[] {
  return spec.hostNetwork === true ? [...ALWAYS, HOST_NETWORK] : ALWAYS;
}

/**
 * The pod's tolerations with the daemon ones added or, where an entry has the same key, effect, operator and
 * value, put in its place (which drops a `tolerationSeconds`). Returns the given array itself when nothing is
 * missing, so that a caller can tell "no change" by identity.
 *
 * Source: upstream `AddOrUpdateDaemonPodTolerations`.
 */
export function addDaemonTolerations(spec: PodSpec): readonly Toleration[] {
  const present = spec.tolerations ?? [];
  let result = present;
  for (const wanted of daemonTolerations(spec)) {
    const at = result.findIndex((toleration) => sameTaints(toleration, wanted));
    if (at < 0) result = [...result, wanted];
    else if (result[at]?.tolerationSeconds !== undefined) result = result.with(at, wanted);
  }
  return result;
}

function sameTaints(a: Toleration, b: Toleration): boolean {
  return (
    (a.key ?? '') === (b.key ?? '') &&
    (a.effect ?? '') === (b.effect ?? '') &&
    (a.operator ?? '') === (b.operator ?? '') &&
    (a.value ?? '') === (b.value ?? '')
  );
}
