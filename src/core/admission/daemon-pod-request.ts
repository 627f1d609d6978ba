import { MIRROR_POD_ANNOTATION } from '../../api/keys.ts';
import type { NodeSelector, PodSpec } from '../../api/pod.ts';
import { isJsonObject, MALFORMED, readField, readList, readObject, readString } from './untrusted.ts';

/** Where the terms stand that bind a Pod to its node, from its spec on. */
export const REQUIRED_NODE_AFFINITY = [
  'affinity',
  'nodeAffinity',
  'requiredDuringSchedulingIgnoredDuringExecution',
] as const;

/** Whether a DaemonSet of `apps` controls the Pod. Mirror pods belong to their kubelet, whatever they claim. */
export function isDaemonPod(pod: unknown): boolean {
  if (readField(pod, 'metadata', 'annotations', MIRROR_POD_ANNOTATION) !== undefined) return false;
  const owners = readList(pod, 'metadata', 'ownerReferences');
  if (owners === undefined || owners === MALFORMED) return false;
  return owners.some(
    (owner) =>
      isJsonObject(owner) &&
      owner['controller'] === true &&
      owner['kind'] === 'DaemonSet' &&
      typeof owner['apiVersion'] === 'string' &&
      owner['apiVersion'].startsWith('apps/'),
  );
}

/** The Pod's spec when every field that placement reads has its right type; else undefined. */
export function wellFormedSpec(pod: unknown): PodSpec | undefined {
  const spec = readObject(pod, 'spec');
  if (spec === undefined || spec === MALFORMED) return undefined;
  const required = readField(spec, ...REQUIRED_NODE_AFFINITY);
  const wellFormed =
    readString(spec, 'nodeName') !== MALFORMED &&
    (required === undefined || isNodeSelector(required)) &&
    isListOf(readField(spec, 'tolerations'), isToleration);
  return wellFormed ? spec : undefined;
}

function isNodeSelector(value: unknown): value is NodeSelector {
  return isListOf(
    readField(value, 'nodeSelectorTerms'),
    (term) => isJsonObject(term) && isListOf(readField(term, 'matchFields'), isRequirement),
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
