import type { NodeSelector, PodSpec } from '../../api/pod.ts';
import { isJsonObject, MALFORMED, readField, readObject, readString, readStringMap } from './untrusted.ts';

/** Where the terms stand that bind a Pod to its node, from its spec on. */
export const REQUIRED_NODE_AFFINITY = [
  'affinity',
  'nodeAffinity',
  'requiredDuringSchedulingIgnoredDuringExecution',
] as const;

/** The PodSpec at the end of a path when every field that placement reads has its right type; else undefined. */
export function readPodSpec(object: unknown, ...path: readonly string[]): PodSpec | undefined {
  const spec = readObject(object, ...path);
  if (spec === undefined || spec === MALFORMED) return undefined;
  const required = readField(spec, ...REQUIRED_NODE_AFFINITY);
  const wellFormed =
    readString(spec, 'nodeName') !== MALFORMED &&
    readStringMap(spec, 'nodeSelector') !== MALFORMED &&
    (required === undefined || isNodeSelector(required)) &&
    isListOf(readField(spec, 'tolerations'), isToleration);
  return wellFormed ? spec : undefined;
}

function isNodeSelector(value: unknown): value is NodeSelector {
  return isListOf(
    readField(value, 'nodeSelectorTerms'),
    (term) =>
      isJsonObject(term) &&
      isListOf(readField(term, 'matchFields'), isRequirement) &&
      isListOf(readField(term, 'matchExpressions'), isRequirement),
  );
}

function isRequirement(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    readString(value, 'key') !== MALFORMED &&
    readString(value, 'operator') !== MALFORMED &&
    isListOf(readField(value, 'values'), (entry) => typeof entry === 'string')
  );
}

function isToleration(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    ['key', 'operator', 'value', 'effect'].every((name) => readString(value, name) !== MALFORMED)
  );
}

/** An absent list is an empty one. */
function isListOf(value: unknown, isEntry: (entry: unknown) => boolean): boolean {
  return value === undefined || (Array.isArray(value) && value.every(isEntry));
}
