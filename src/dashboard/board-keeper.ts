import { setTimeout as sleep } from 'node:timers/promises';
import type { DaemonSet } from '../api/daemonset.ts';
import type { NodeRecord } from '../api/node.ts';
import type { ClusterCaches } from '../cache/cluster-caches.ts';
import { SortedNodes } from '../cache/sorted-nodes.ts';
import { isMoreThanHeartbeat, keyOf, keysForNode, keysForSeen, triggerLookup } from '../cache/triggers.ts';
import type { Judged } from '../core/audit/judged.ts';
import { type Board, type BoardRow, byName, type Connection } from '../core/coverage/board.ts';
import { type Grouping, groupingsOf } from '../core/coverage/groupings.ts';
import { type CoverageRow, coverageRow } from '../core/coverage/row.ts';
import type { Policy } from '../core/policy.ts';
import { isProbe } from '../core/probe.ts';
import type { Severity } from '../core/severity.ts';
import { snapshotOf } from '../core/snapshot-of.ts';
import { WakeLoop } from '../kube/wake-loop.ts';
import type { Logger } from '../telemetry/log.ts';
import { inTurns, REST_FACTOR, untilFilled } from './pace.ts';

export type BoardKeeperOptions = {
  readonly cluster: ClusterCaches;
  readonly policy: Policy;
  readonly logger: Logger;
  /** Whether the board is as the cluster is. */
  readonly connection: () => Connection;
  /** Findings of a DaemonSet that count; undefined until it has been judged. */
  readonly findings: (daemonSet: string) => Readonly<Record<Severity, number>> | undefined;
  /** All findings in short; undefined until anything was judged. */
  readonly judged: () => Judged | undefined;
};

/** People cannot read faster than this. */
const LEAST_REST_MS = 250;
/** How often rows are looked at again that time alone may change. */
const CLOCK_MS = 1_000;

/**
 * Keeps the board as the caches are: after a change, the rows that it concerns are made again. While nobody looks,
 * nothing is.
 */
export class BoardKeeper {
  readonly #options: BoardKeeperOptions;
  readonly #sorted: SortedNodes;
  /** Each with the board that it was told of last. */
  readonly #listeners = new Map<(board: Board) => void, Board | undefined>();
  readonly #rows = new Map<string, CoverageRow>();
  readonly #dirty = new Set<string>();
  readonly #loop: WakeLoop;
  /** Whether nodes changed in a way that the board shows. */
  #nodesChanged = true;
  #board: Board | undefined;

  constructor(options: BoardKeeperOptions) {
    this.#options = options;
    const { caches } = options.cluster;
    this.#sorted = new SortedNodes(caches);
    this.#loop = new WakeLoop({
      act: (signal) => this.#act(signal),
      onFailure: (error) => options.logger.error({ err: error }, 'the board could not be made'),
    });
    this.#followCaches();
  }

  /** Nodes in the order of the board. */
  nodes(): readonly NodeRecord[] {
    return this.#sorted.list();
  }

  /** The DaemonSets that are shown. */
  daemonSets(): readonly DaemonSet[] {
    return this.#options.cluster.view.daemonSets().filter((each) => !isProbe(each));
  }

  /** Has the listener told of the board as it is now, and then of every new one. Returns how to stop that. */
  readonly listen = (listener: (board: Board) => void): (() => void) => {
    // One that others have is as new as any; after a time without listeners it would be of the past.
    const current =
      this.#board && [...this.#listeners.values()].includes(this.#board) ? this.#board : undefined;
    this.#listeners.set(listener, current);
    if (current) listener(current);
    else this.#loop.wake();
    return () => void this.#listeners.delete(listener);
  };

  /** Has what the options say of findings and of the connection looked at again. */
  readonly refresh = (): void => this.#loop.wake();

  /** Follows until the signal is aborted. Rejects never. */
  async run(signal: AbortSignal): Promise<void> {
    await untilFilled(this.#options.cluster, signal);
    await this.#loop.run(signal);
  }

  #followCaches(): void {
    const { cluster, policy } = this.#options;
    const { daemonSets, nodes, pods, revisions } = cluster.caches;
    const lookup = triggerLookup(cluster.caches, policy);
    const mark = (keys: readonly string[]): void => {
      for (const key of keys) this.#dirty.add(key);
      if (keys.length > 0) this.#loop.wake();
    };
    daemonSets.onChange((change) => {
      mark([keyOf((change.type === 'delete' ? change.old : change.new).metadata)]);
    });
    pods.onChange((change) => mark(keysForSeen(change, lookup)));
    revisions.onChange((change) => mark(keysForSeen(change, lookup)));
    nodes.onChange((change) => {
      if (isMoreThanHeartbeat(change)) {
        this.#nodesChanged = true;
        this.#loop.wake();
      }
      mark(keysForNode(change, lookup));
    });
  }

  /** Makes what changed. Returns how long to rest. */
  async #act(signal: AbortSignal): Promise<number> {
    if (this.#listeners.size === 0) return Infinity;
    const began = performance.now();
    const { nodes, groupings, moved } = this.#takeNodes();
    if (moved) for (const daemonSet of this.daemonSets()) this.#dirty.add(keyOf(daemonSet.metadata));
    for (const key of this.#waitingForTime()) this.#dirty.add(key);
    await this.#makeRows();
    this.#publish(nodes, groupings);
    const rest = Math.max(LEAST_REST_MS, (performance.now() - began) * REST_FACTOR);
    // Not to be woken from: this is the pace.
    await sleep(rest, undefined, { signal, ref: false });
    return this.#dirty.size > 0 || this.#nodesChanged ? 0 : CLOCK_MS;
  }

  #takeNodes(): Pick<Board, 'nodes' | 'groupings'> & { readonly moved: boolean } {
    const board = this.#board;
    if (board && !this.#nodesChanged) return { ...board, moved: false };
    this.#nodesChanged = false;
    const records = this.#sorted.list();
    const nodes = sameOr(
      board?.nodes,
      records.map(({ name, notReadySince }) => ({
        name,
        ...(notReadySince !== undefined && { notReadySince }),
      })),
    );
    const moved =
      nodes.length !== board?.nodes.length ||
      nodes.some(({ name }, place) => name !== board.nodes[place]?.name);
    const groupings = groupingsOf(records);
    return { nodes, groupings: sameOr(board?.groupings, groupings), moved };
  }

  /** Rows with pods that become available when they have been ready for long enough. */
  #waitingForTime(): readonly string[] {
    const { store } = this.#options.cluster.caches.daemonSets;
    return [...this.#rows.values()]
      .filter(
        ({ numberReady, numberAvailable, revisions }) =>
          numberReady > numberAvailable || revisions.some(({ pods, available }) => pods > available),
      )
      .map(({ daemonSet }) => daemonSet)
      .filter((key) => (store.get(key)?.spec.minReadySeconds ?? 0) > 0);
  }

  async #makeRows(): Promise<void> {
    const { cluster, policy, logger } = this.#options;
    const nodes = this.#sorted.list();
    const due = [...this.#dirty];
    // What changes from here on is for the next time.
    this.#dirty.clear();
    for await (const key of inTurns(due)) {
      const daemonSet = cluster.caches.daemonSets.store.get(key);
      if (!daemonSet || isProbe(daemonSet)) {
        this.#rows.delete(key);
        continue;
      }
      try {
        const row = coverageRow(snapshotOf(daemonSet, cluster.view, nodes), Date.now(), policy);
        this.#rows.set(key, sameOr(this.#rows.get(key), row));
      } catch (error) {
        // Such as an update strategy that the API server should have refused.
        logger.warn({ daemonSet: key, err: error }, 'this DaemonSet cannot be shown');
        this.#rows.delete(key);
      }
    }
  }

  #publish(nodes: Board['nodes'], groupings: readonly Grouping[]): void {
    const before = this.#board;
    const shown = new Map(before?.daemonSets.map((row) => [row.daemonSet, row]));
    const daemonSets = [...this.#rows.values()]
      .filter(({ cells }) => cells.length === nodes.length)
      .map((row) => this.#asShown(row, shown.get(row.daemonSet)))
      .toSorted(byName);
    const connection = sameOr(before?.connection, this.#options.connection());
    const fresh = this.#options.judged();
    const judged = fresh && sameOr(before?.judged, fresh);
    const board: Board = { nodes, groupings, daemonSets, connection, ...(judged && { judged }) };
    const isSame =
      before?.nodes === nodes &&
      before.groupings === groupings &&
      before.connection === connection &&
      before.judged === judged &&
      before.daemonSets.length === daemonSets.length &&
      daemonSets.every((row, place) => row === before.daemonSets[place]);
    if (!isSame) this.#board = board;
    this.#tell(isSame ? before : board);
  }

  #tell(board: Board): void {
    for (const [listener, told] of this.#listeners) {
      if (told === board) continue;
      this.#listeners.set(listener, board);
      listener(board);
    }
  }

  /** What a row says was compared when it was made: until another takes its place, its fields are the same ones. */
  #asShown(row: CoverageRow, shown: BoardRow | undefined): BoardRow {
    const counts = this.#options.findings(row.daemonSet);
    const findings = counts && sameOr(shown?.findings, counts);
    const fresh: BoardRow = { ...row, ...(findings && { findings }) };
    return shown !== undefined && hasSameFields(shown, fresh) ? shown : fresh;
  }
}

function hasSameFields<T extends object>(a: T, b: T): boolean {
  const names = Object.keys({ ...a, ...b }) as (keyof T)[];
  return names.every((name) => a[name] === b[name]);
}

/** The old one where the new one says the same, so that it is known by its identity. */
function sameOr<T extends object>(old: T | undefined, fresh: T): T {
  return old !== undefined && JSON.stringify(old) === JSON.stringify(fresh) ? old : fresh;
}
