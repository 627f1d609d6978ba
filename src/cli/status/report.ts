import type { NotRead } from '../../core/doctor/evidence.ts';
import { type Overview, type Tone, verdictOn } from '../../core/status/overview.ts';
import { alignColumns, type Paint, painter, type Style } from '../columns.ts';
import { formatTime } from '../../core/format-time.ts';
import { formatAge } from '../../core/age.ts';
import { formatData, notReadLines, type OutputFormat } from '../output.ts';

export type StatusShown = {
  readonly output: OutputFormat;
  /** Whether one DaemonSet was asked for by name. */
  readonly one: boolean;
  readonly colours: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/** The overviews as they are printed, with a line break at the end. */
export async function formatOverviews(
  overviews: readonly Overview[],
  notRead: readonly NotRead[],
  { output, one, colours, now }: StatusShown,
): Promise<string> {
  if (output === 'json' || output === 'yaml') {
    const [first, ...others] = overviews.map(overviewData);
    if (one && first) return formatData({ ...first, notRead }, output);
    return formatData({ daemonSets: first ? [first, ...others] : [], notRead }, output);
  }
  const paint = painter(colours);
  const blind = notReadLines(notRead, paint);
  if (overviews.length > 0) {
    return `${[...tableLines(overviews, output === 'wide', now, paint), ...blind].join('\n')}\n`;
  }
  return `${(blind.length > 0 ? blind : ['no DaemonSets found']).join('\n')}\n`;
}

/** An overview for scripts, with the time as the API writes it. */
export function overviewData({ createdAt, ...overview }: Overview): object {
  return { ...overview, createdAt: formatTime(createdAt) };
}

/** One line for each DaemonSet, and for each what is wrong with it. */
export function tableLines(
  overviews: readonly Overview[],
  isWide: boolean,
  now: number,
  paint: Paint,
): readonly string[] {
  const heads = ['DAEMONSET', 'DESIRED', 'CURRENT', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'REVISION', 'STATE'];
  const verdicts = overviews.map((each) => ({ each, ...verdictOn(each) }));
  const rows = verdicts.map(({ each, state, message, tone }) => [
    each.daemonSet,
    String(each.desiredNumberScheduled),
    String(each.currentNumberScheduled),
    String(each.numberReady),
    String(each.updatedNumberScheduled),
    String(each.numberAvailable),
    String(each.revision ?? '-'),
    paint(STYLES[tone], state),
    ...(isWide
      ? [String(each.numberMisscheduled), each.strategy, formatAge((now - each.createdAt) / 1000), message]
      : []),
  ]);
  const all = isWide ? [...heads, 'MISSCHEDULED', 'STRATEGY', 'AGE', 'MESSAGE'] : heads;
  const troubles = verdicts
    .filter(({ tone }) => !isWide && tone === 'bad')
    .map(({ each, message }) => `${each.daemonSet}: ${message}`);
  return [...alignColumns([all, ...rows]), ...(troubles.length > 0 ? ['', ...troubles] : [])];
}

const STYLES: Readonly<Record<Tone, Style>> = { bad: 'red', busy: 'yellow', good: 'green' };
