import { CONTROLLER_REVISIONS, PODS } from '../../api/kinds.ts';
import { type HistoryEntry, listHistory, type RawRevision } from '../../core/history/list-history.ts';
import { type Difference, jsonDifferences } from '../../core/json-difference.ts';
import { podRecord } from '../../core/records/records.ts';
import { readDaemonSets, resourceName } from '../daemonsets.ts';
import { type ExaminedCluster, examineCluster } from '../examine-cluster.ts';
import { UsageError } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import type { DiffFlags, HistoryFlags } from './options.ts';
import { formatDiff, formatHistory } from './report.ts';

/** Lists the revisions of a DaemonSet. Returns the exit code. */
export function history(target: string, flags: HistoryFlags, terminal: Terminal): Promise<number> {
  return examineCluster(flags, terminal, async (cluster) => {
    const entries = await readHistory(target, flags, cluster);
    const text = await formatHistory(entries ?? [], cluster.reader.notRead, flags.output, cluster.colours);
    return { text, found: false };
  });
}

/**
 * Shows where the templates of two revisions differ.
 *
 * @returns the exit code: 1 when they do.
 * @throws UsageError for a revision that is not there.
 */
export function diff(target: string, flags: DiffFlags, terminal: Terminal): Promise<number> {
  return examineCluster(flags, terminal, async (cluster) => {
    const entries = await readHistory(target, flags, cluster);
    const { name } = resourceName(target, {});
    if (!entries)
      return {
        text: await formatHistory([], cluster.reader.notRead, flags.output, cluster.colours),
        found: false,
      };
    const { from, to } = chooseRevisions(entries, flags, name);
    const differences: readonly Difference[] = jsonDifferences(from.template ?? {}, to.template ?? {});
    const text = await formatDiff({ daemonSet: name, from, to, differences }, flags.output, cluster.colours);
    return { text, found: differences.length > 0 };
  });
}

/** @throws UsageError */
export function chooseRevisions(
  entries: readonly HistoryEntry[],
  flags: Pick<DiffFlags, 'from' | 'to'>,
  name: string,
): { readonly from: HistoryEntry; readonly to: HistoryEntry } {
  const known = entries.map(({ revision }) => revision).join(', ') || 'none';
  const find = (number: number): HistoryEntry => {
    const entry = entries.find(({ revision }) => revision === number);
    if (entry) return entry;
    throw new UsageError(`${name} has no revision ${number}; there are: ${known}`);
  };
  const to =
    flags.to === undefined ? (entries.find(({ current }) => current) ?? entries.at(-1)) : find(flags.to);
  const before = entries.findLast(({ revision }) => to !== undefined && revision < to.revision);
  const from = flags.from === undefined ? before : find(flags.from);
  if (to && from) return { from, to };
  throw new UsageError(`${name} has no two revisions to compare; there are: ${known}`);
}

async function readHistory(
  target: string,
  flags: HistoryFlags,
  cluster: ExaminedCluster,
): Promise<readonly HistoryEntry[] | undefined> {
  const { reader } = cluster;
  const { name } = resourceName(target, {});
  const [daemonSet] = (await readDaemonSets(name, { ...flags, allNamespaces: false }, cluster)) ?? [];
  if (!daemonSet) return undefined;
  const { namespace } = daemonSet.metadata;
  const revisions = await reader.list(CONTROLLER_REVISIONS, { namespace }, (raw: RawRevision) => raw);
  const pods = await reader.list(PODS, { namespace }, (raw: never) => podRecord(raw));
  return revisions && listHistory(daemonSet, revisions, pods);
}
