import type { DaemonSetRule } from '../rule.ts';
import { isJsonObject, MALFORMED, readField, readList, readString } from '../untrusted.ts';
import { mountsHostPathWritable } from './host-path.ts';

const SPEC = ['spec', 'template', 'spec'] as const;

/**
 * On every node whatever its taints, able to fill or change the node's disk, and evicted first when the node runs
 * out of something: each is usual for an agent, all three together are an accident.
 */
export const toleratesEverything: DaemonSetRule = {
  id: 'tolerates-everything',
  level: 'off',
  check: ({ object }) => {
    const tolerations = readList(object, ...SPEC, 'tolerations');
    if (tolerations === undefined || tolerations === MALFORMED) return [];
    const at = tolerations.findIndex((each) => isJsonObject(each) && toleratesAll(each));
    if (at < 0 || readString(object, ...SPEC, 'priorityClassName') || !mountsHostPathWritable(object))
      return [];
    return [
      {
        path: `${SPEC.join('.')}.tolerations[${at}]`,
        message:
          'tolerates every taint, while the pod writes to a hostPath and has no priorityClassName: it comes to nodes ' +
          'that are set apart, and is the first to go where something runs short. Name the taints, or give it a ' +
          'priority class such as system-node-critical',
        brief: 'tolerates every taint, with a writable hostPath and no priority class',
      },
    ];
  },
};

function toleratesAll(toleration: unknown): boolean {
  const key = readField(toleration, 'key') ?? '';
  const effect = readField(toleration, 'effect') ?? '';
  return readField(toleration, 'operator') === 'Exists' && key === '' && effect === '';
}
