import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterCaches } from '../cache/cluster-caches.ts';
import { isMoreThanHeartbeat, keyOf } from '../cache/triggers.ts';
import { auditCluster, judgedDaemonSets } from '../core/audit/audit.ts';
import type { Finding } from '../core/audit/finding.ts';
import { type Judged as InShort, judgedOf } from '../core/audit/judged.ts';
import { reportOf } from '../core/audit/report.ts';
import { countBySeverity, type Severity } from '../core/severity.ts';
import { WakeLoop } from '../kube/wake-loop.ts';
import type { Logger } from '../telemetry/log.ts';
import { inTurns, REST_FACTOR, untilFilled } from './pace.ts';
import type { FindingsAnswer } from './wire.ts';

export type JudgeOptions = {
  readonly cluster: ClusterCaches;
  readonly logger: Logger;
  /** Told when there are new findings. */
  readonly onJudged: () => void;
  /** Rules that are left out. */
  readonly off?: ReadonlySet<string>;
  /** Times in milliseconds; the defaults are for people. */
  readonly settleMs?: number;
};

/** A change is judged this long after it, together with what comes meanwhile. */
const SETTLE_MS = 2_000;
/** Acceptances end, and pods grow old, without a change. */
const CLOCK_MS = 10 * 60_000;
/** For kinds that may not be read, which only some rules need, nothing waits longer. */
const SYNC_TIMEOUT_MS = 10_000;
/** Who asks once gets what there is after so long. */
const PATIENCE_MS = 20_000;

type Counts = Readonly<Record<Severity, number>>;
type Judged = Pick<FindingsAnswer, 'findings' | 'suppressed'> & {
  readonly counts: ReadonlyMap<string, Counts>;
  readonly inShort: InShort;
};

const CLEAN: Counts = countBySeverity([]);

/**
 * Keeps the findings of an audit up to date. Rules look at many objects, so after a change everything is judged
 * again, in turns; while nobody looks, nothing is.
 */
export class Judge {
  readonly #options: JudgeOptions;
  readonly #loop: WakeLoop;
  #judged: Judged | undefined;
  #changed = true;
  #judgedAt = 0;
  #watchers = 0;
  /** Those who wait for the next findings. */
  readonly #waiting = new Set<() => void>();

  constructor(options: JudgeOptions) {
    this.#options = options;
    this.#loop = new WakeLoop({
      act: (signal) => this.#act(signal),
      onFailure: (error) => options.logger.error({ err: error }, 'the cluster could not be judged'),
    });
    const { daemonSets, pods, revisions, nodes } = options.cluster.caches;
    for (const informer of [daemonSets, pods, revisions]) informer.onChange(this.#markChanged);
    nodes.onChange((change) => {
      if (isMoreThanHeartbeat(change)) this.#markChanged();
    });
  }

  readonly #markChanged = (): void => {
    this.#changed = true;
    this.#loop.wake();
  };

  /** Judges as long as somebody watches. Returns how to stop watching. */
  readonly watch = (): (() => void) => {
    this.#watchers += 1;
    this.#loop.wake();
    return () => void (this.#watchers -= 1);
  };

  /** What was found last. */
  answer(): FindingsAnswer {
    const { findings = [], suppressed = [], counts } = this.#judged ?? {};
    const pending = this.#shown().filter((key) => !counts?.has(key)).length;
    return { findings, suppressed, pending };
  }

  /** The same for one who asks once, and may be the only one: waits until what changed has been judged. */
  async settled(): Promise<FindingsAnswer> {
    if (this.#watchers > 0 || (this.#judged && !this.#changed)) return this.answer();
    const stop = this.watch();
    const judged = Promise.withResolvers<void>();
    this.#waiting.add(judged.resolve);
    const timeout = setTimeout(judged.resolve, PATIENCE_MS);
    await judged.promise;
    clearTimeout(timeout);
    this.#waiting.delete(judged.resolve);
    stop();
    return this.answer();
  }

  /** How many findings about it count; undefined for one that has not been judged. */
  countsOf(daemonSet: string): Counts | undefined {
    return this.#judged?.counts.get(daemonSet);
  }

  /** All findings in short; undefined until there are any. */
  inShort(): InShort | undefined {
    return this.#judged?.inShort;
  }

  /** Follows until the signal is aborted. Rejects never. */
  async run(signal: AbortSignal): Promise<void> {
    const { cluster } = this.#options;
    const timeout = sleep(SYNC_TIMEOUT_MS, undefined, { signal, ref: false }).catch(() => undefined);
    await Promise.race([cluster.synced, timeout]);
    await untilFilled(cluster, signal);
    await this.#loop.run(signal);
  }

  #shown(): readonly string[] {
    return judgedDaemonSets(this.#options.cluster.view).map(({ metadata }) => keyOf(metadata));
  }

  async #act(signal: AbortSignal): Promise<number> {
    if (this.#watchers === 0) return Infinity;
    const age = performance.now() - this.#judgedAt;
    if (!this.#changed && age < CLOCK_MS) return CLOCK_MS - age;
    if (this.#judged) await sleep(this.#options.settleMs ?? SETTLE_MS, undefined, { signal, ref: false });
    const began = performance.now();
    this.#changed = false;
    try {
      this.#judged = await this.#judge();
    } catch (error) {
      // The next try has as much reason as this one.
      this.#changed = true;
      throw error;
    }
    this.#judgedAt = performance.now();
    this.#options.onJudged();
    for (const resolve of this.#waiting) resolve();
    await sleep((this.#judgedAt - began) * REST_FACTOR, undefined, { signal, ref: false });
    return this.#changed ? 0 : CLOCK_MS;
  }

  async #judge(): Promise<Judged> {
    const found: Finding[] = [];
    const shown = this.#shown();
    const { cluster, off = new Set() } = this.#options;
    const audit = auditCluster(cluster.view, { now: Date.now(), off });
    for await (const findings of inTurns(audit)) found.push(...findings);
    const { findings, suppressed } = reportOf(found, { judged: {}, notRead: [] });
    const byDaemonSet = Map.groupBy(
      findings.filter(({ subject }) => subject.kind === 'DaemonSet'),
      ({ subject }) => keyOf(subject),
    );
    return {
      findings,
      suppressed,
      inShort: judgedOf({ findings, suppressed }, shown),
      counts: new Map(
        shown.map((key) => {
          const own = byDaemonSet.get(key);
          return [key, own ? countBySeverity(own) : CLEAN];
        }),
      ),
    };
  }
}
