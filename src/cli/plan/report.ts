import { counted, listNames } from '../../core/admission/list-names.ts';
import type { NotRead } from '../../core/doctor/evidence.ts';
import type { Effect } from '../../core/forecast/forecast.ts';
import { alignColumns, type Paint, painter, type Style } from '../columns.ts';
import { formatData, notReadLines, type OutputFormat } from '../output.ts';
import type { Planned, Tax } from './judge-plan.ts';

/** The plans as they are printed, with a line break at the end. */
export async function formatPlans(
  plans: readonly Planned[],
  notRead: readonly NotRead[],
  output: OutputFormat,
  colours: boolean,
): Promise<string> {
  if (output === 'json' || output === 'yaml') return formatData({ plans, notRead }, output);
  const paint = painter(colours);
  const blocks = plans.map((plan) => planLines(plan, output === 'wide', paint));
  const blind = notReadLines(notRead, paint);
  return `${[...blocks, ...(blind.length > 0 ? [blind] : [])].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function planLines(plan: Planned, isWide: boolean, paint: Paint): readonly string[] {
  const problems = plan.problems.map((problem) => `${paint('red', 'problem')}: ${problem}`);
  const guess = plan.guess === undefined ? [] : [`${paint('yellow', 'a guess')}: ${plan.guess}`];
  const name = `DaemonSet ${plan.daemonSet}`;
  if (plan.nodes.length === 0)
    return [`${name}: ${plan.problems.length > 0 ? 'cannot be planned' : 'there are no nodes'}`, ...problems];
  return [
    headline(plan),
    ...guess,
    ...changeLines(plan),
    '',
    ...(isWide ? nodeLines(plan, paint) : groupLines(plan, paint)),
    '',
    ...rolloutLines(plan),
    ...taxLines(plan.tax),
    ...problems,
  ];
}

function headline({ daemonSet, exists, groups }: Planned): string {
  const count = (effect: Effect): number =>
    groups.filter((group) => group.effect === effect).reduce((sum, { nodes }) => sum + nodes.length, 0);
  const counts = (['gets', 'changes', 'keeps', 'loses'] as const).map((effect) => {
    const verb =
      count(effect) === 1 ? effect : { gets: 'get', changes: 'change', keeps: 'keep', loses: 'lose' }[effect];
    return `${counted(count(effect), 'node')} ${verb} a pod`;
  });
  return `DaemonSet ${daemonSet} (${exists ? 'update' : 'new'}): ${counts.join(', ')}`;
}

const STYLES: Readonly<Record<Effect, Style>> = {
  gets: 'green',
  changes: 'yellow',
  loses: 'red',
  keeps: 'dim',
  none: 'dim',
};

function groupLines({ groups }: Planned, paint: Paint): readonly string[] {
  const rows = groups.map(({ effect, reason, nodes }) => [
    String(nodes.length),
    paint(STYLES[effect], effect),
    reason,
    listNames(nodes),
  ]);
  return alignColumns([['NODES', 'POD', 'WHY', 'WHICH'], ...rows]);
}

function nodeLines({ nodes, rollout, tax }: Planned, paint: Paint): readonly string[] {
  const steps = new Map(
    rollout.waves.flatMap((wave, index) => wave.map((node) => [node, String(index + 1)])),
  );
  const taxOf = new Map(tax.map((each) => [each.node, each]));
  const rows = nodes.map(({ node, effect, reason }) => {
    const paid = taxOf.get(node);
    return [
      node,
      paint(STYLES[effect], effect),
      steps.get(node) ?? '-',
      share(paid, 'cpu'),
      share(paid, 'memory'),
      reason,
    ];
  });
  return alignColumns([['NODE', 'POD', 'STEP', 'DAEMON CPU', 'DAEMON MEMORY', 'WHY'], ...rows]);
}

function changeLines({ templateChanges }: Planned): readonly string[] {
  return templateChanges.map(({ path, before, after }) => `  ${path}: ${shown(before)} → ${shown(after)}`);
}

function shown(value: unknown): string {
  const text = value === undefined ? '(nothing)' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function rolloutLines({ rollout: { waves, budget, left } }: Planned): readonly string[] {
  if (waves.length === 0)
    return [left.length > 0 ? 'Rollout: none, until somebody deletes old pods' : 'Rollout: none'];
  const largest = Math.max(...waves.map(({ length }) => length));
  const limits = budget
    ? ` (maxUnavailable ${budget.maxUnavailable}, maxSurge ${budget.maxSurge}, of nodes)`
    : '';
  const shownWaves = waves.slice(0, 3).map((wave) => listNames(wave));
  const more = waves.length > 3 ? `; and ${waves.length - 3} more` : '';
  return [
    `Rollout: ${counted(waves.length, 'step')} of at most ${counted(largest, 'node')}${limits}: ${shownWaves.join('; ')}${more}`,
  ];
}

function taxLines(tax: readonly Tax[]): readonly string[] {
  const worst = tax.toSorted((a, b) => load(b) - load(a))[0];
  if (!worst || worst.daemonSets === 0) return [];
  return [
    `Daemon tax: ${counted(worst.daemonSets, 'DaemonSet')} ${worst.daemonSets === 1 ? 'requests' : 'request'} cpu ${share(worst, 'cpu')} and memory ${share(worst, 'memory')} of ${worst.node}, which pays most`,
  ];
}

function load({ percent, daemonSets }: Tax): number {
  return Math.max(percent['cpu'] ?? 0, percent['memory'] ?? 0) + daemonSets / 1000;
}

function share(tax: Tax | undefined, resource: string): string {
  const amount = tax?.requests[resource] ?? '0';
  const percent = tax?.percent[resource];
  return percent === undefined ? amount : `${amount} (${percent} %)`;
}
