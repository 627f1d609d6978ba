import { cpus, totalmem } from 'node:os';
import { KUBERNETES_VERSION, PROGRAMS } from '../src/localcluster/versions.ts';
import type { Timing } from './offline.ts';
import { MANY, type Run } from './scenarios.ts';

export type Results = {
  readonly nodes: number;
  /** Pods a second of the plain loop, of each run. */
  readonly plain: readonly number[];
  readonly contenders: readonly { readonly name: string; readonly runs: readonly Run[] }[];
};

type Row = readonly [label: string, read: (run: Run) => number | undefined, digits: number, unit: string];

export const MIB = 2 ** 20;

/** The cluster part, as Markdown: a row for each measure, a column for each contender. */
export function clusterReport({ nodes, plain, contenders }: Results): string {
  const rows: readonly Row[] = [
    ['all pods exist', (run) => run.created, 2, 's'],
    ['pods a second', (run) => nodes / run.created, 0, '/s'],
    ['requests for that', (run) => run.createRequests, 0, ''],
    ['processor time for that', (run) => run.createCpu, 2, 's'],
    ['node added to pod created, p50', (run) => quantile(run.reactions, 0.5) * 1000, 0, 'ms'],
    ['node added to pod created, p99', (run) => quantile(run.reactions, 0.99) * 1000, 0, 'ms'],
    ['full rollout, maxUnavailable 10 %', (run) => run.rollout, 1, 's'],
    ['processor time for that', (run) => run.rolloutCpu, 2, 's'],
    [`${MANY} DaemonSets on ${Math.ceil(nodes / 10)} nodes each, all pods exist`, (run) => run.many, 2, 's'],
    ['processor time for that', (run) => run.manyCpu, 2, 's'],
    ['requests in a settled minute', (run) => run.settledRequests, 0, ''],
    ['most memory of the process', (run) => run.peakBytes / MIB, 0, 'MiB'],
  ];
  const header = [
    '',
    ...contenders.map(({ name, runs }) => `${name} (${runs.length} ${runs.length === 1 ? 'run' : 'runs'})`),
  ];
  const lines = rows.map(([label, read, digits, unit]) => [
    label,
    ...contenders.map(({ runs }) =>
      spread(
        runs.map(read).filter((value) => value !== undefined),
        digits,
        unit,
      ),
    ),
  ]);
  return [
    `## On the control plane: ${nodes} nodes`,
    '',
    `The limit, a plain loop that posts the same pods over 64 connections from a process of its own: ${spread(plain, 0, 'pods/s')}.`,
    '',
    table([header, ...lines]),
  ].join('\n');
}

/** The offline part, as Markdown. */
export function offlineReport(
  timings: readonly Timing[],
  memory: { readonly pods: number; readonly bytes: number },
): string {
  const rows = timings.map(({ nodes, daemonSets, milliseconds }) => [
    String(nodes),
    String(daemonSets),
    spread(milliseconds, 2, 'ms'),
    `${((quantile(milliseconds, 0.5) * 1000) / (nodes * daemonSets)).toFixed(2)} µs`,
  ]);
  return [
    '## `reconcile` alone',
    '',
    'One look at settled DaemonSets, all of them one after the other.',
    '',
    table([['nodes', 'DaemonSets', 'time', 'per node and DaemonSet'], ...rows]),
    '',
    `Records of ${memory.pods} pods, in the store with its indexes: ${(memory.bytes / MIB).toFixed(0)} MiB, ${(memory.bytes / memory.pods).toFixed(0)} bytes a pod.`,
  ].join('\n');
}

export function machineReport(date: Date): string {
  const [cpu] = cpus();
  const etcd = PROGRAMS.find(({ name }) => name === 'etcd')?.version;
  const kwok = PROGRAMS.find(({ name }) => name === 'kwok')?.version;
  return [
    `Measured on ${date.toISOString().slice(0, 10)}: ${cpus().length} cores (${cpu?.model ?? 'unknown'}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB, with everything on the one machine:`,
    `Kubernetes ${KUBERNETES_VERSION}, etcd ${etcd}, KWOK ${kwok}, Node.js ${process.version}. Median (least – most) of the runs; a figure means`,
    'something against the others of the same table, not against those of another machine or day.',
  ].join('\n');
}

/** Nearest rank. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? 0;
}

/** Median (least – most). */
export function spread(values: readonly number[], digits: number, unit: string): string {
  if (values.length === 0) return 'not measured';
  const [low, mid, high] = [0, 0.5, 1].map((q) => quantile(values, q).toFixed(digits));
  const suffix = unit === '' ? '' : ` ${unit}`;
  return low === high ? `${mid}${suffix}` : `${mid}${suffix} (${low} – ${high})`;
}

/** Rows of cells as a Markdown table; the first is its header. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [header = [], ...body] = rows;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
