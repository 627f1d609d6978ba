import type { DaemonSet } from '../../api/daemonset.ts';
import type { NodeRecord } from '../../api/node.ts';
import { type Caches, createCaches } from '../../cache/caches.ts';
import { clusterView } from '../../cache/cluster-caches.ts';
import { SortedNodes } from '../../cache/sorted-nodes.ts';
import type { ClusterView } from '../../core/admission/cluster-view.ts';
import { DEFAULT_POLICY } from '../../core/policy.ts';
import { isProbe } from '../../core/probe.ts';
import { snapshotOf } from '../../core/snapshot-of.ts';
import { overviewOf, type Overview, verdictOn } from '../../core/status/overview.ts';
import type { Client } from '../../kube/client.ts';
import { createLogger } from '../../telemetry/log.ts';
import { painter } from '../columns.ts';
import { compare } from '../daemonsets.ts';
import type { OutputFormat } from '../output.ts';
import { isInteractive, type Output, type Terminal } from '../terminal.ts';
import { redrawing } from '../redraw.ts';
import { overviewData, tableLines } from './report.ts';

/** Many changes come at once; people cannot read faster than this. */
const REDRAW_MS = 200;

type Watch = {
  readonly client: Client;
  readonly terminal: Terminal;
  readonly output: OutputFormat;
  readonly colours: boolean;
  /** Called once, before anything is shown. */
  readonly onRead: () => void;
  readonly isShown: (daemonSet: DaemonSet) => boolean;
};

/**
 * Shows overviews as they change, until the signal: on a terminal a table that is redrawn, elsewhere a line for
 * every change, and with `-o json` a JSON object in each.
 */
export async function watchOverviews(
  { client, terminal, output, colours, onRead, isShown }: Watch,
  signal: AbortSignal,
): Promise<void> {
  const caches = createCaches(client, createLogger({ level: 'silent' }));
  const informers = Object.values(caches) as readonly Caches[keyof Caches][];
  let changed = true;
  for (const informer of informers) informer.onChange(() => (changed = true));
  const cluster = clusterView(caches, []);
  const nodes = new SortedNodes(caches);
  const running = Promise.all(informers.map((informer) => informer.run(signal)));
  const show = showerOf(terminal, output, colours);
  const look = (): void => {
    if (!changed) return;
    changed = false;
    const now = Date.now();
    const shown = cluster.daemonSets().filter((each) => isShown(each) && !isProbe(each));
    show(overviewsOf(shown, cluster, nodes.list(), now), now);
  };
  await Promise.race([Promise.all(informers.map(({ synced }) => synced)), running]);
  onRead();
  look();
  // Also without an event, because time makes pods available.
  const timer = setInterval(look, REDRAW_MS);
  const clock = setInterval(() => (changed = true), 1000);
  await running;
  clearInterval(timer);
  clearInterval(clock);
}

/** The cluster as a sync would look at it. */
function overviewsOf(
  daemonSets: readonly DaemonSet[],
  cluster: ClusterView,
  nodes: readonly NodeRecord[],
  now: number,
): readonly Overview[] {
  return daemonSets
    .map((daemonSet) => overviewOf(snapshotOf(daemonSet, cluster, nodes), now, DEFAULT_POLICY))
    .toSorted((a, b) => compare(a.daemonSet, b.daemonSet));
}

type Shower = (overviews: readonly Overview[], now: number) => void;

function showerOf({ stdout, env }: Terminal, output: OutputFormat, colours: boolean): Shower {
  const isTable = output === 'table' || output === 'wide';
  const lines = changeLines(stdout, output);
  if (!isTable || !isInteractive(stdout, env)) return lines;
  const redraw = redrawing(stdout);
  return (overviews, now) => {
    const table = `${tableLines(overviews, output === 'wide', now, painter(colours)).join('\n')}\n`;
    if (!redraw(table)) lines(overviews, now);
  };
}

/** A line for every DaemonSet that changed. */
export function changeLines(output: Output, format: OutputFormat): Shower {
  const shown = new Map<string, string>();
  return (overviews) => {
    for (const overview of overviews) {
      const line =
        format === 'table' || format === 'wide' ? lineOf(overview) : JSON.stringify(overviewData(overview));
      if (shown.get(overview.daemonSet) !== line) output.write(`${line}\n`);
      shown.set(overview.daemonSet, line);
    }
    const names = new Set(overviews.map(({ daemonSet }) => daemonSet));
    for (const name of [...shown.keys()].filter((name) => !names.has(name))) {
      shown.delete(name);
      output.write(
        format === 'table' || format === 'wide'
          ? `${name}  gone\n`
          : `${JSON.stringify({ daemonSet: name, gone: true })}\n`,
      );
    }
  };
}

function lineOf(overview: Overview): string {
  const {
    daemonSet,
    desiredNumberScheduled: desired,
    updatedNumberScheduled: updated,
    numberAvailable,
  } = overview;
  const { state, message } = verdictOn(overview);
  return `${daemonSet}  ${state}  updated ${updated}/${desired}  available ${numberAvailable}/${desired}  ${message}`;
}
