import type { DaemonSet } from '../api/daemonset.ts';
import { CONTROLLER_REVISIONS, DAEMONSETS, NODES, PODS } from '../api/kinds.ts';
import type { NodeRecord } from '../api/node.ts';
import type { Snapshot } from '../core/plan.ts';
import { isProbe } from '../core/probe.ts';
import { nodeRecord, podRecord, revisionRecord } from '../core/records/records.ts';
import { snapshotFrom } from '../core/snapshot-of.ts';
import type { DaemonSetFlags } from './daemonset-options.ts';
import type { ExaminedCluster } from './examine-cluster.ts';
import { UsageError } from './exit-codes.ts';
import type { Reader } from './reader.ts';

/** `kind/name` as kubectl takes it; a bare name is that of a DaemonSet. */
export function resourceName(
  text: string,
  kinds: Readonly<Record<string, string>>,
): { readonly kind: string; readonly name: string } {
  const [, prefix, name = text] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (prefix === undefined) return { kind: 'DaemonSet', name };
  const kind = { ...DAEMONSET_NAMES, ...kinds }[prefix.toLowerCase()];
  if (kind !== undefined) return { kind, name };
  const known = ['daemonset', ...Object.keys(kinds).slice(0, 1)].join(' or ');
  throw new UsageError(`${text}: this command takes a ${known}, not a ${prefix}`);
}

const DAEMONSET_NAMES: Readonly<Record<string, string>> = {
  daemonset: 'DaemonSet',
  daemonsets: 'DaemonSet',
  'daemonset.apps': 'DaemonSet',
  'daemonsets.apps': 'DaemonSet',
  ds: 'DaemonSet',
};

/** Where a command looks: undefined for all namespaces. */
export function namespaceOf(
  { namespace, allNamespaces }: Pick<DaemonSetFlags, 'namespace' | 'allNamespaces'>,
  cluster: Pick<ExaminedCluster, 'namespace'>,
): string | undefined {
  return allNamespaces ? undefined : (namespace ?? cluster.namespace);
}

/**
 * The DaemonSet of that name, or those that the flags choose, by namespace and name, without our own probe;
 * undefined where they may not be read.
 *
 * @throws UsageError when there is none of that name.
 */
export async function readDaemonSets(
  name: string | undefined,
  flags: DaemonSetFlags,
  cluster: Pick<ExaminedCluster, 'namespace' | 'reader'>,
): Promise<readonly DaemonSet[] | undefined> {
  const namespace = namespaceOf(flags, cluster);
  if (name === undefined) {
    const where = {
      ...(namespace !== undefined && { namespace }),
      ...(flags.selector !== undefined && { labelSelector: flags.selector }),
    };
    const found = await cluster.reader.list(DAEMONSETS, where, (raw: DaemonSet) => raw);
    const users = found?.filter((daemonSet) => !isProbe(daemonSet));
    return users?.toSorted(
      (a, b) =>
        compare(a.metadata.namespace, b.metadata.namespace) || compare(a.metadata.name, b.metadata.name),
    );
  }
  if (namespace === undefined || flags.selector !== undefined) {
    throw new UsageError(
      `${name}: a name goes with neither --all-namespaces nor --selector; give --namespace`,
    );
  }
  const found = await cluster.reader.get<DaemonSet>(DAEMONSETS, { namespace, name });
  if (found === null) {
    throw new UsageError(
      `there is no DaemonSet ${name} in the namespace ${namespace}; check the name and --namespace`,
    );
  }
  return found && [found];
}

/** Every node, sorted by name; undefined where they may not be read. */
export async function readNodes(reader: Reader): Promise<readonly NodeRecord[] | undefined> {
  const nodes = await reader.list(NODES, {}, (raw: never) => nodeRecord(raw));
  return nodes?.toSorted((a, b) => compare(a.name, b.name));
}

/** What a sync of the DaemonSet would look at, read now. */
export async function readSnapshot(
  reader: Reader,
  daemonSet: DaemonSet,
  nodes: readonly NodeRecord[],
): Promise<{
  readonly snapshot: Snapshot;
  /** Whether pods or revisions could not be read: then neither are in it. The reader names them. */
  readonly isBlind: boolean;
}> {
  const { namespace } = daemonSet.metadata;
  const pods = await reader.list(PODS, { namespace }, (raw: never) => podRecord(raw));
  const revisions = await reader.list(CONTROLLER_REVISIONS, { namespace }, (raw: never) =>
    revisionRecord(raw),
  );
  const isBlind = !pods || !revisions;
  const read = isBlind ? { pods: [], revisions: [] } : { pods, revisions };
  return { snapshot: snapshotFrom(daemonSet, nodes, read), isBlind };
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
