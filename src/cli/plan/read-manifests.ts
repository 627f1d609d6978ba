import type { Readable } from 'node:stream';
import type { DaemonSet } from '../../api/daemonset.ts';
import { asDaemonSet, classify } from '../../core/audit/from-files.ts';
import { objectsOf, readManifests } from '../../manifests/read-manifests.ts';
import { readSources } from '../../manifests/sources.ts';
import { UsageError } from '../exit-codes.ts';

/** A DaemonSet as a user wrote it. */
export type Proposal = {
  /** The file it is from. */
  readonly source: string;
  /** As it was written, but for the namespace. */
  readonly manifest: DaemonSet;
};

/**
 * The DaemonSets in files; other kinds are passed over.
 *
 * @param namespace of those that name none.
 * @throws UsageError for a file that cannot be read, is no manifest, or holds a DaemonSet that the API server would
 * refuse by its schema, and when there is no DaemonSet at all.
 */
export async function readProposals(
  names: readonly string[],
  stdin: Readable,
  namespace: string,
): Promise<readonly Proposal[]> {
  const found: Proposal[] = [];
  for (const { source, object, where } of await readObjects(names, stdin)) {
    const from = classify(object, namespace);
    if (from.is !== 'daemonSet') continue;
    const { apiVersion } = from.object as { readonly apiVersion?: string };
    if (apiVersion !== 'apps/v1') {
      throw new UsageError(
        `${where}: is a DaemonSet of ${apiVersion}, which is served no more; run everynode convert -f on it first`,
      );
    }
    const manifest = asDaemonSet(from.object);
    if (!manifest) {
      throw new UsageError(
        `${where}: a field of this DaemonSet has the wrong type, or its name or template is missing; everynode lint says more`,
      );
    }
    found.push({ source, manifest });
  }
  if (found.length > 0) return found;
  throw new UsageError(
    `${names.join(', ')}: no DaemonSet in it; give a file with an object of kind: DaemonSet`,
  );
}

/** @throws UsageError */
export async function readObjects(
  names: readonly string[],
  stdin: Readable,
): Promise<readonly { readonly source: string; readonly object: unknown; readonly where: string }[]> {
  const objects = [];
  for await (const source of readSources(names, { stdin })) {
    if ('unreadable' in source) throw new UsageError(`${source.name}: ${source.unreadable}`);
    if ('fault' in source) throw new UsageError(`${source.name}: ${source.fault.message}`);
    for (const manifest of readManifests(source.text, source.name)) {
      const [fault] = manifest.faults;
      if (fault) throw new UsageError(`${source.name}:${fault.line}:${fault.column}: ${fault.message}`);
      for (const { object, positionOf } of objectsOf(manifest)) {
        const at = positionOf('kind');
        const where = at ? `${source.name}:${at.line}:${at.column}` : source.name;
        objects.push({ source: source.name, object, where });
      }
    }
  }
  return objects;
}
