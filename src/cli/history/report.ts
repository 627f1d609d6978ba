import type { NotRead } from '../../core/doctor/evidence.ts';
import type { HistoryEntry } from '../../core/history/list-history.ts';
import type { Difference } from '../../core/json-difference.ts';
import { alignColumns, type Paint, painter } from '../columns.ts';
import { formatTime } from '../../core/format-time.ts';
import { formatData, notReadLines, type OutputFormat } from '../output.ts';

/** The revisions as they are printed, with a line break at the end. */
export async function formatHistory(
  entries: readonly HistoryEntry[],
  notRead: readonly NotRead[],
  output: OutputFormat,
  colours: boolean,
): Promise<string> {
  if (output === 'json' || output === 'yaml') {
    return formatData({ revisions: entries.map(withTimes), notRead }, output);
  }
  const paint = painter(colours);
  const isWide = output === 'wide';
  const heads = [
    'REVISION',
    'SINCE',
    'PODS',
    'CHANGED BY',
    'CAUSE',
    ...(isWide ? ['WRITTEN BY', 'NAME'] : []),
  ];
  const rows = entries.map((entry) => [
    `${entry.revision}${entry.current ? paint('green', ' (current)') : ''}`,
    formatTime(entry.numberedAt),
    String(entry.pods ?? '-'),
    entry.changedBy ?? '-',
    entry.changeCause ?? '-',
    ...(isWide ? [entry.writtenBy ?? '-', entry.name] : []),
  ]);
  const blind = notReadLines(notRead, paint);
  if (entries.length > 0) return `${[...alignColumns([heads, ...rows]), ...blind].join('\n')}\n`;
  return `${(blind.length > 0 ? blind : ['no revisions found']).join('\n')}\n`;
}

export type RevisionDiff = {
  readonly daemonSet: string;
  readonly from: HistoryEntry;
  readonly to: HistoryEntry;
  readonly differences: readonly Difference[];
};

/** The differences as they are printed, with a line break at the end. */
export async function formatDiff(
  found: RevisionDiff,
  output: OutputFormat,
  colours: boolean,
): Promise<string> {
  const { daemonSet, from, to, differences } = found;
  if (output === 'json' || output === 'yaml') {
    return formatData({ daemonSet, from: withTimes(from), to: withTimes(to), differences }, output);
  }
  const paint = painter(colours);
  const lines = differences.flatMap((each) => differenceLines(each, paint));
  return `${[
    `--- ${daemonSet} revision ${from.revision}, ${describe(from)}`,
    `+++ ${daemonSet} revision ${to.revision}, ${describe(to)}`,
    ...(lines.length > 0 ? lines : ['their templates are the same']),
  ].join('\n')}\n`;
}

function differenceLines({ path, before, after }: Difference, paint: Paint): readonly string[] {
  return [
    paint('bold', path),
    ...(before === undefined ? [] : [paint('red', `- ${JSON.stringify(before)}`)]),
    ...(after === undefined ? [] : [paint('green', `+ ${JSON.stringify(after)}`)]),
  ];
}

function describe({ numberedAt, changedBy }: HistoryEntry): string {
  return `${formatTime(numberedAt)}${changedBy === undefined ? '' : `, by ${changedBy}`}`;
}

function withTimes(entry: HistoryEntry): object {
  const { template: _, createdAt, numberedAt, ...rest } = entry;
  return {
    ...rest,
    createdAt: formatTime(createdAt),
    numberedAt: formatTime(numberedAt),
  };
}
