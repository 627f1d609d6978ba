import { isMap, parseAllDocuments } from 'yaml';
import { REMOVED_VERSIONS, SERVED_VERSION } from '../core/deprecations/api-versions.ts';
import { readManifests } from '../manifests/read-manifests.ts';
import { UsageError } from './exit-codes.ts';

/** A DaemonSet as a user wrote it: nothing is known of it but its kind and name. */
export type DaemonSetManifest = {
  readonly apiVersion: string;
  readonly kind: 'DaemonSet';
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
};

/**
 * Reads the one DaemonSet of a YAML or JSON text, as kubectl would (YAML 1.1).
 *
 * @param source names the text in errors, such as `fluentd.yaml`.
 * @throws UsageError when the text is not YAML, holds no DaemonSet, several, or one without a name.
 */
export function parseDaemonSet(text: string, source: string): DaemonSetManifest {
  const objects = parseObjects(text, source);
  const daemonSets = objects.filter((object) => object.kind === 'DaemonSet');
  const [daemonSet] = daemonSets;
  if (!daemonSet) {
    const kinds = [
      ...new Set(objects.map(({ kind }) => (typeof kind === 'string' ? kind : 'an object without kind'))),
    ];
    throw new UsageError(
      `${source}: holds no DaemonSet but ${kinds.length === 0 ? 'nothing' : kinds.join(', ')}; give a file with one object of kind: DaemonSet`,
    );
  }
  if (objects.length > 1) {
    throw new UsageError(
      `${source}: holds ${objects.length} objects; give a file with one DaemonSet and nothing else`,
    );
  }
  if (typeof daemonSet.apiVersion !== 'string') {
    throw new UsageError(`${source}: apiVersion is missing; for a DaemonSet write apiVersion: apps/v1`);
  }
  const { metadata } = daemonSet;
  if (!isObject(metadata) || typeof metadata.name !== 'string' || metadata.name === '') {
    throw new UsageError(`${source}: metadata.name is missing; give the DaemonSet a name`);
  }
  return daemonSet as DaemonSetManifest;
}

/**
 * Checks that the server serves the manifest's version.
 *
 * @param served the apiVersions in which the server serves DaemonSets, such as `['apps/v1']`.
 * @throws UsageError which says what is served instead.
 */
export function assertServed(
  { apiVersion }: DaemonSetManifest,
  served: readonly string[],
  source: string,
): void {
  if (served.includes(apiVersion)) return;
  const known = served.length === 0 ? 'no DaemonSets at all' : `DaemonSets as ${served.join(', ')}`;
  const isConvertible = REMOVED_VERSIONS.includes(apiVersion) && served.includes(SERVED_VERSION);
  throw new UsageError(
    `${source}: apiVersion: the server does not serve DaemonSets as ${apiVersion}; it serves ${known}` +
      (isConvertible ? `. To convert it: everynode convert -f ${source} --write` : ''),
  );
}

/** The same text with another namespace; all else, values and comments, stays as it was written. */
export function inNamespace(text: string, namespace: string): string {
  const documents = parseAllDocuments(text, { version: '1.1', schema: 'failsafe' });
  if (!Array.isArray(documents)) return text;
  return documents
    .filter(({ contents }) => isMap(contents))
    .map((document) => {
      document.setIn(['metadata', 'namespace'], namespace);
      return document.toString();
    })
    .join('---\n');
}

function parseObjects(text: string, source: string): readonly Record<string, unknown>[] {
  return [...readManifests(text, source)].map(({ object, faults: [fault] }) => {
    if (fault) throw new UsageError(`${source}:${fault.line}:${fault.column}: ${fault.message}`);
    return object as Record<string, unknown>;
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
