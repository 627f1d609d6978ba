import type { DaemonSet } from '../../api/daemonset.ts';
import {
  CONTROLLER_REVISION_HASH_LABEL,
  POD_TEMPLATE_GENERATION_LABEL,
  TEMPLATE_GENERATION_ANNOTATION,
} from '../../api/keys.ts';
import type { PodRecord } from '../../api/pod.ts';

/** What marks a pod as made from the current template. */
export type UpdateRevision = {
  readonly hash: string;
  readonly templateGeneration: string | undefined;
  /** When the DaemonSet was created: the generation on an older pod is that of another one. */
  readonly createdAt?: number;
};

/**
 * The template generation that the API server keeps in an annotation, as the text that goes into a pod's label;
 * undefined where it is missing or not a whole number.
 *
 * Source: upstream `GetTemplateGeneration`.
 */
export function templateGenerationOf(daemonSet: DaemonSet): string | undefined {
  const text = daemonSet.metadata.annotations?.[TEMPLATE_GENERATION_ANNOTATION];
  return text !== undefined && /^[+-]?\d+$/.test(text) ? String(BigInt(text.replace(/^\+/, ''))) : undefined;
}

/**
 * Either label suffices: after an upgrade that changes how revisions are hashed, the generation still tells that
 * the template has not changed, and no pod is restarted.
 *
 * Source: upstream `IsPodUpdated`.
 */
export function isPodUpdated(
  pod: PodRecord,
  { hash, templateGeneration, createdAt = 0 }: UpdateRevision,
): boolean {
  const byGeneration =
    templateGeneration !== undefined &&
    pod.createdAt >= createdAt &&
    pod.labels[POD_TEMPLATE_GENERATION_LABEL] === templateGeneration;
  return byGeneration || (hash !== '' && pod.labels[CONTROLLER_REVISION_HASH_LABEL] === hash);
}
