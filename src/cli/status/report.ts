import type { DaemonSetCondition } from '../../api/daemonset.ts';
import type { NotRead } from '../../core/doctor/evidence.ts';
import type { Overview } from '../../core/status/overview.ts';
import { alignColumns, type Paint, painter, type Style } from '../columns.ts';
import { formatAge } from '../duration.ts';
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
    const [first] = overviews;
    return formatData(one && first ? { ...first, notRead } : { daemonSets: overviews, notRead }, output);
  }
  const paint = painter(colours);
  const table =
    overviews.length === 0 ? ['no DaemonSets found'] : tableLines(overviews, output === 'wide', now, paint);
  return `${[...table, ...notReadLines(notRead, paint)].join('\n')}\n`;
}

/** One line for each DaemonSet, and for each what is wrong with it. */
export function tableLines(
  overviews: readonly Overview[],
  isWide: boolean,
  now: number,
  paint: Paint,
): readonly string[] {
  const heads = ['DAEMONSET', 'DESIRED', 'CURRENT', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'REVISION', 'STATE'];
  const rows = overviews.map((each) => [
    each.daemonSet,
    String(each.desiredNumberScheduled),
    String(each.currentNumberScheduled),
    String(each.numberReady),
    String(each.updatedNumberScheduled),
    String(each.numberAvailable),
    String(each.revision ?? '-'),
    paint(styleOf(each), stateOf(each)),
    ...(isWide
      ? [
          String(each.numberMisscheduled),
          each.strategy,
          formatAge((now - each.createdAt) / 1000),
          messageOf(each),
        ]
      : []),
  ]);
  const all = isWide ? [...heads, 'MISSCHEDULED', 'STRATEGY', 'AGE', 'MESSAGE'] : heads;
  const troubles = overviews
    .filter((each) => !isWide && isBad(each))
    .map((each) => `${each.daemonSet}: ${messageOf(each)}`);
  return [...alignColumns([all, ...rows]), ...(troubles.length > 0 ? ['', ...troubles] : [])];
}

/** The state in a word: the reason of the condition that says most. */
export function stateOf(overview: Overview): string {
  if (overview.unobserved) return 'NotObserved';
  return decisive(overview)?.reason ?? 'Unknown';
}

/** How far it is, and what is wrong. */
export function messageOf(overview: Overview): string {
  if (overview.unobserved) return 'its last change has not been acted on yet';
  return decisive(overview)?.message ?? '';
}

function isBad(overview: Overview): boolean {
  return decisive(overview)?.status === 'False';
}

/** Trouble first, then how the rollout goes. */
function decisive({ conditions }: Overview): DaemonSetCondition | undefined {
  const [available, progressing] = ['Available', 'Progressing'].map((type) =>
    conditions.find((condition) => condition.type === type),
  );
  if (progressing?.status === 'False') return progressing;
  return available?.status === 'False' ? available : progressing;
}

function styleOf(overview: Overview): Style {
  if (isBad(overview)) return 'red';
  return stateOf(overview) === 'RolloutComplete' ? 'green' : 'yellow';
}
