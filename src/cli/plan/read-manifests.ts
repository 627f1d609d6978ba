import type { Readable } from 'node:stream';
import type { DaemonSet } from '../../api/daemonset.ts';
import { readName } from '../../core/admission/read-name.ts';
import { asDaemonSet, classify } from '../../core/audit/from-files.ts';
import { objectsOf, readManifests } from '../../manifests/read-manifests.ts';
import { readSources } from '../../manifests/sources.ts';
import { keptByApiServer } from '../../core/admission/cel/floors.ts';
import { wellFormed } from '../../core/admission/practices/well-formed.ts';
import { auditDaemonSet } from '../../core/audit/audit.ts';
import type { Finding } from '../../core/audit/finding.ts';
import { SERVED_VERSION } from '../../core/deprecations/api-versions.ts';
import type { Fault } from '../../manifests/fault.ts';
import { UsageError } from '../exit-codes.ts';

/** A DaemonSet as a user wrote it. */
export type Proposal = {
  /** The file it is from. */
  readonly source: string;
  /** As it was written, but for the namespace. */
  readonly manifest: DaemonSet;
  /** Why an API server would refuse it, with the place in its file, as far as that can be told without one. */
  readonly refusal: string | undefined;
};

/**
 * The DaemonSets in files; other kinds are passed over.
 *
 * @param namespace of those that name none.
 * @throws UsageError for a file that cannot be read, is no manifest, or holds a DaemonSet that the API server would
 * refuse by its schema, for one that is there twice, and when there is no DaemonSet at all.
 */
export async function readProposals(
  names: readonly string[],
  stdin: Readable,
  namespace: string,
): Promise<readonly Proposal[]> {
  const found: Proposal[] = [];
  for (const { source, object, placeOf } of await readObjects(names, stdin)) {
    const from = classify(object, namespace);
    if (from.is !== 'daemonSet') continue;
    const findings = auditDaemonSet(from.object, undefined, { now: Date.now() });
    const sentence = ({ path, message }: Finding): string => `${placeOf(path)}: ${path}: ${message}`;
    const [malformed] = findings.filter(({ rule }) => rule === wellFormed.id).map(sentence);
    if (malformed !== undefined) throw new UsageError(malformed);
    const { apiVersion } = from.object as { readonly apiVersion: string };
    if (apiVersion !== SERVED_VERSION) {
      throw new UsageError(
        `${placeOf('kind')}: is a DaemonSet of ${apiVersion}, which is served no more; run everynode convert -f on it first`,
      );
    }
    if (readName(from.object) === '') {
      throw new UsageError(
        `${placeOf('metadata')}: has no metadata.name; one that kubectl create would name (generateName) cannot be applied`,
      );
    }
    const manifest = asDaemonSet(from.object);
    if (!manifest)
      throw new UsageError(`${placeOf('kind')}: has a field of the wrong type; see everynode lint`);
    const { namespace: where, name } = manifest.metadata;
    const first = found.find(
      ({ manifest: { metadata } }) => metadata.namespace === where && metadata.name === name,
    );
    if (first)
      throw new UsageError(
        `${placeOf('metadata.name')}: DaemonSet ${where}/${name} is there already, from ${first.source}`,
      );
    const [refusal] = findings.filter(({ rule }) => keptByApiServer.includes(rule)).map(sentence);
    found.push({ source, manifest, refusal });
  }
  if (found.length > 0) return found;
  throw new UsageError(
    `${names.join(', ')}: no DaemonSet in it; give a file with an object of kind: DaemonSet`,
  );
}

export type PlacedObject = {
  readonly source: string;
  readonly object: unknown;
  /** `file:line:column` of a field. */
  readonly placeOf: (path: string) => string;
};

/** @throws UsageError */
export async function readObjects(
  names: readonly string[],
  stdin: Readable,
): Promise<readonly PlacedObject[]> {
  const objects = [];
  for await (const source of readSources(names, { stdin })) {
    if ('unreadable' in source) throw new UsageError(`${source.name}: ${source.unreadable}`);
    if ('fault' in source) throw faulty(source.name, source.fault);
    for (const manifest of readManifests(source.text, source.name)) {
      const [fault] = manifest.faults;
      if (fault) throw faulty(source.name, fault);
      for (const { object, positionOf } of objectsOf(manifest)) {
        const placeOf = (path: string): string => {
          const at = positionOf(path);
          return at ? `${source.name}:${at.line}:${at.column}` : source.name;
        };
        objects.push({ source: source.name, object, placeOf });
      }
    }
  }
  return objects;
}

function faulty(name: string, { line, column, message }: Fault): UsageError {
  return new UsageError(`${name}:${line}:${column}: ${message}`);
}
