import { MIRROR_POD_ANNOTATION } from '../../api/keys.ts';
import { isJsonObject, type JsonObject, MALFORMED, readField, readList } from './untrusted.ts';

/** Whether the kubelet made it from a file: then it belongs to nobody else, whatever it claims. */
export function isMirrorPod(pod: unknown): boolean {
  return readField(pod, 'metadata', 'annotations', MIRROR_POD_ANNOTATION) !== undefined;
}

/** The ownerReference that says who controls the object. */
export function controllerOf(object: unknown): JsonObject | undefined {
  const owners = readList(object, 'metadata', 'ownerReferences');
  if (owners === undefined || owners === MALFORMED) return undefined;
  return owners.filter(isJsonObject).find((owner) => owner['controller'] === true);
}

/** Whether a DaemonSet of `apps` controls the Pod. Mirror pods belong to their kubelet, whatever they claim. */
export function isDaemonPod(pod: unknown): boolean {
  return !isMirrorPod(pod) && isDaemonSetReference(controllerOf(pod));
}

function isDaemonSetReference(owner: JsonObject | undefined): boolean {
  return (
    owner?.['kind'] === 'DaemonSet' &&
    typeof owner['apiVersion'] === 'string' &&
    owner['apiVersion'].startsWith('apps/')
  );
}
