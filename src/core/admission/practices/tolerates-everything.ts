import type { DaemonSetRule } from '../rule.ts';
import { isJsonObject, MALFORMED, readList, readString } from '../untrusted.ts';
import { mountsHostPathWritable } from './host-path.ts';

/** Effects that together keep no pod away: all at once, or one by one. */
const EVERYTHING = [[''], ['NoSchedule', 'NoExecute']] as const;
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
    const effects = tolerations.map(toleratedEffect);
    const at = effects.findIndex((effect) => effect !== undefined);
    if (!EVERYTHING.some((all) => all.every((effect) => effects.includes(effect)))) return [];
    if (readString(object, ...SPEC, 'priorityClassName') || !mountsHostPathWritable(object)) return [];
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

/** The effect of taints that it tolerates whatever their key; empty: each. Undefined where it asks for a key. */
function toleratedEffect(toleration: unknown): string | undefined {
  if (!isJsonObject(toleration) || (toleration['key'] ?? '') !== '' || toleration['operator'] !== 'Exists')
    return undefined;
  const effect = toleration['effect'] ?? '';
  return typeof effect === 'string' ? effect : undefined;
}
