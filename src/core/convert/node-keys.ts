import type { FieldPath } from '../../api/field-path.ts';
import { isJsonObject, type JsonObject, MALFORMED, readList, readObject } from '../admission/untrusted.ts';
import { fateOfNodeKey, MASTER_TAINT, REPLACED_NODE_KEYS } from '../deprecations/node-keys.ts';
import type { Edit } from './edit.ts';
import { type Changes, NO_CHANGES, type Obstacle, type Step, TEMPLATE_SPEC } from './step.ts';

/** `nodeSelector`: the label of today under the same value. */
export const nodeSelector: Step = (daemonSet) => {
  const labels = readObject(daemonSet, ...TEMPLATE_SPEC, 'nodeSelector');
  if (labels === undefined || labels === MALFORMED) return NO_CHANGES;
  const edits: Edit[] = [];
  const obstacles: Obstacle[] = [];
  for (const old of Object.keys(labels)) {
    const to = REPLACED_NODE_KEYS.get(old);
    const path = [...TEMPLATE_SPEC, 'nodeSelector', old];
    if (to === undefined) continue;
    if (!Object.hasOwn(labels, to)) {
      edits.push({
        operation: 'rename',
        path,
        to,
        note: `renamed to ${to}: the old label is one of the past`,
      });
    } else if (labels[to] === labels[old]) {
      edits.push({
        operation: 'remove',
        path,
        note: `removed: ${to} says the same, and this label is one of the past`,
      });
    } else {
      obstacles.push({ path, message: `has another value than ${to}, its name of today; keep one of them` });
    }
  }
  return { edits, obstacles };
};

/** Where a label of nodes stands as the value of a field: in affinity, and as a topology. */
export const nodeKeyValues: Step = (daemonSet) => {
  const spec = readObject(daemonSet, ...TEMPLATE_SPEC);
  if (spec === undefined || spec === MALFORMED) return NO_CHANGES;
  const found: { path: FieldPath; old: string }[] = [];
  for (const field of ['affinity', 'topologySpreadConstraints']) {
    findKeys(spec[field], [...TEMPLATE_SPEC, field], found);
  }
  return {
    edits: found.flatMap(({ path, old }) => {
      const to = REPLACED_NODE_KEYS.get(old);
      return to === undefined
        ? []
        : [{ operation: 'set', path, value: to, note: `was ${old}, ${fateOfNodeKey(old)}` } as const];
    }),
  };
};

/** Keys of expressions over nodes; labels of pods, below `labelSelector`, are other things of the same form. */
function findKeys(value: unknown, path: FieldPath, found: { path: FieldPath; old: string }[]): void {
  if (Array.isArray(value)) value.forEach((each, at) => findKeys(each, [...path, at], found));
  if (!isJsonObject(value)) return;
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === 'string' && (name === 'key' || name === 'topologyKey')) {
      found.push({ path: [...path, name], old: field });
    } else if (!/(?:label|namespace)Selector$/.test(name)) findKeys(field, [...path, name], found);
  }
}

/** Taints: those of the past are renamed; that of masters gets its successor beside it, for clusters of both kinds. */
export const tolerations: Step = (daemonSet) => {
  const list = readList(daemonSet, ...TEMPLATE_SPEC, 'tolerations');
  if (list === undefined || list === MALFORMED) return NO_CHANGES;
  // From the end: what is put in moves none that is still to come.
  return {
    edits: [...list.entries()].toReversed().flatMap(([at, toleration]) => editsOf(list, at, toleration)),
  } satisfies Changes;
};

function editsOf(list: readonly unknown[], at: number, toleration: unknown): readonly Edit[] {
  if (!isJsonObject(toleration) || typeof toleration['key'] !== 'string') return [];
  const to = REPLACED_NODE_KEYS.get(toleration['key']);
  const path = [...TEMPLATE_SPEC, 'tolerations', at];
  if (to === undefined) return [];
  if (toleration['key'] !== MASTER_TAINT) {
    const note = `was ${toleration['key']}, a taint that nodes no longer get`;
    return [{ operation: 'set', path: [...path, 'key'], value: to, note }];
  }
  if (list.some((each) => isJsonObject(each) && each['key'] === to && covers(each, toleration))) return [];
  return [
    {
      operation: 'insert',
      path: [...TEMPLATE_SPEC, 'tolerations', at + 1],
      value: { ...toleration, key: to },
      note: `added beside ${MASTER_TAINT}: since 1.24 nodes of the control plane carry this taint instead`,
    },
  ];
}

function covers(one: JsonObject, other: JsonObject): boolean {
  return (one['effect'] ?? '') === '' || one['effect'] === other['effect'];
}
