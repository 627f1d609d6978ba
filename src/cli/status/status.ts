import type { DaemonSet } from '../../api/daemonset.ts';
import { CONTROLLER_REVISIONS, DAEMONSETS, NODES, PODS } from '../../api/kinds.ts';
import { listedCluster } from '../../core/admission/listed-cluster.ts';
import { DEFAULT_POLICY } from '../../core/policy.ts';
import { podRecord, revisionRecord } from '../../core/records/records.ts';
import { snapshotOf } from '../../core/snapshot-of.ts';
import { overviewOf } from '../../core/status/overview.ts';
import { namespaceOf, readDaemonSets, readNodes, resourceName } from '../daemonsets.ts';
import { type Examination, type ExaminedCluster, examineCluster } from '../examine-cluster.ts';
import type { Terminal } from '../terminal.ts';
import type { StatusFlags } from './options.ts';
import { formatOverviews } from './report.ts';
import { watchOverviews } from './watch.ts';

/**
 * Shows how DaemonSets are, once or until the signal.
 *
 * @param target a DaemonSet; undefined for all that the flags choose.
 * @returns the exit code.
 */
export function status(
  target: string | undefined,
  flags: StatusFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const name = target === undefined ? undefined : resourceName(target, {}).name;
  return examineCluster(flags, terminal, async (cluster) => {
    const daemonSets = await readDaemonSets(name, flags, cluster);
    if (!flags.watch || !daemonSets) return statusOnce(daemonSets ?? [], name, flags, cluster);
    const { client, colours, progress, reader } = cluster;
    for (const kind of WATCHED) await reader.mayList(kind);
    // A watch that is refused would be tried again and again, and nothing would ever be shown.
    if (reader.notRead.length > 0) return statusOnce([], name, flags, cluster);
    const isShown = selection(daemonSets, name, flags, namespaceOf(flags, cluster));
    progress.show('reading the cluster');
    const { output } = flags;
    await watchOverviews({ client, terminal, output, colours, isShown, onRead: progress.clear }, signal);
    return { text: '', found: false };
  });
}

/** In all namespaces, whichever are shown. */
const WATCHED = [DAEMONSETS, NODES, PODS, CONTROLLER_REVISIONS];

/** With a selector the choice stays what the API server made of it at the start. */
function selection(
  daemonSets: readonly DaemonSet[],
  name: string | undefined,
  { selector }: StatusFlags,
  namespace: string | undefined,
): (daemonSet: DaemonSet) => boolean {
  const uids = new Set(daemonSets.map(({ metadata }) => metadata.uid));
  return ({ metadata }) =>
    (namespace === undefined || metadata.namespace === namespace) &&
    (name === undefined || metadata.name === name) &&
    (selector === undefined || uids.has(metadata.uid));
}

async function statusOnce(
  daemonSets: readonly DaemonSet[],
  name: string | undefined,
  flags: StatusFlags,
  { reader, colours, ...cluster }: ExaminedCluster,
): Promise<Examination> {
  const nodes = daemonSets.length === 0 ? [] : await readNodes(reader);
  const namespace = namespaceOf(flags, cluster);
  const where = namespace === undefined ? {} : { namespace };
  const pods = await reader.list(PODS, where, (raw: never) => podRecord(raw));
  const revisions = await reader.list(CONTROLLER_REVISIONS, where, (raw: never) => revisionRecord(raw));
  const now = Date.now();
  const shown = { output: flags.output, one: name !== undefined, colours, now };
  // Counts of what is not known would say that it is missing; the reader tells why there are none.
  if (!nodes || !pods || !revisions) {
    return { text: await formatOverviews([], reader.notRead, shown), found: false };
  }
  const listed = listedCluster({ pods, revisions });
  const overviews = daemonSets.map((daemonSet) =>
    overviewOf(snapshotOf(daemonSet, listed, nodes), now, DEFAULT_POLICY),
  );
  return { text: await formatOverviews(overviews, reader.notRead, shown), found: false };
}
