import { hash } from 'node:crypto';
import type { PodTemplate } from '../../api/pod.ts';
import { canonicalJson } from './canonical-json.ts';

/**
 * The data of the ControllerRevision for a template: a strategic-merge patch that puts the template back, byte
 * for byte as upstream writes it.
 *
 * Source: upstream `getPatch`.
 */
export function revisionData(template: PodTemplate): string {
  return canonicalJson(patchOf(template));
}

/**
 * A digest that is equal for two templates exactly when their revision data are: revisions are matched by what
 * they hold, never by name or hash label.
 */
export function dataDigest(data: string): string {
  return hash('sha256', data, 'base64url');
}

/** The digest of a stored revision's data, whichever API server version wrote it. */
export function storedDataDigest(data: unknown): string {
  const template = member(member(data, 'spec'), 'template');
  return dataDigest(canonicalJson(isObject(template) ? patchOf(template) : data));
}

/** The template that a stored revision puts back; undefined where its data are of another form. */
export function templateOf(data: unknown): PodTemplate | undefined {
  const template = member(member(data, 'spec'), 'template');
  if (!isObject(template)) return undefined;
  const { $patch: _, ...rest } = template as { readonly $patch?: unknown };
  return withoutNullTimestamps(rest);
}

function patchOf(template: object): object {
  return { spec: { template: { ...withoutNullTimestamps(template), $patch: 'replace' } } };
}

/** Servers before 1.34 wrote `creationTimestamp: null` into the template and into its volume claim templates. */
function withoutNullTimestamps(template: object): object {
  const stamped = withoutNullTimestamp(template);
  const volumes = member(member(stamped, 'spec'), 'volumes');
  if (!Array.isArray(volumes)) return stamped;
  return {
    ...stamped,
    spec: { ...object(member(stamped, 'spec')), volumes: volumes.map(withoutClaimTimestamp) },
  };
}

function withoutNullTimestamp(stamped: object): object {
  const metadata = member(stamped, 'metadata');
  if (!isObject(metadata) || member(metadata, 'creationTimestamp') !== null) return stamped;
  return { ...stamped, metadata: { ...metadata, creationTimestamp: undefined } };
}

function withoutClaimTimestamp(volume: unknown): unknown {
  const ephemeral = member(volume, 'ephemeral');
  const claim = member(ephemeral, 'volumeClaimTemplate');
  if (!isObject(claim)) return volume;
  return {
    ...object(volume),
    ephemeral: { ...object(ephemeral), volumeClaimTemplate: withoutNullTimestamp(claim) },
  };
}

function object(value: unknown): object {
  return isObject(value) ? value : {};
}

function member(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
