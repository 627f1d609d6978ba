import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string>>;

/** The queue's side of `workqueue_*`, see `WorkqueueObserver`. */
type QueueObserver = {
  readonly added: (depth: number) => void;
  readonly started: (depth: number, waitedSeconds: number) => void;
  readonly finished: (workedSeconds: number) => void;
  readonly retried: () => void;
  /** Asked at every scrape: how long each key in hand has been worked on, in seconds. */
  readonly watch: (inHand: () => readonly number[]) => void;
};

/** One sample of a gauge that is read when it is scraped. */
export type Sample = { readonly labels: Labels; readonly value: number };

/** All that the sync loop measures. Names are those that dashboards know, where there are such names. */
export type Metrics = {
  readonly registry: Registry;
  readonly request: (sample: { method: string; host: string; code: number; seconds: number }) => void;
  readonly queue: (name: string) => QueueObserver;
  readonly leading: (leaseName: string, isLeader: boolean) => void;
  readonly reconciled: (seconds: number) => void;
  readonly synced: (result: 'success' | 'error') => void;
  readonly podCreated: (reason: string) => void;
  readonly podDeleted: (reason: string) => void;
  /** How long our own write took to show in the cache. */
  readonly cacheLag: (kind: string, seconds: number) => void;
  readonly watchEnded: (kind: string) => void;
  /** When the webhook's serving certificate ends, in seconds since the epoch. */
  readonly certificateEnds: (seconds: number) => void;
  /** A gauge whose samples are asked for at every scrape. */
  readonly sampled: (
    name: string,
    help: string,
    labels: readonly string[],
    read: () => Iterable<Sample>,
  ) => void;
};

/** Upper bounds in seconds. */
const SHORT = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const QUEUE = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];

/** Makes a registry of its own, with the metrics of the process in it. */
export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: readonly string[] = []): Counter =>
    new Counter({ name, help, labelNames, registers });
  const gauge = (
    name: string,
    help: string,
    labelNames: readonly string[] = [],
    collect?: CollectGauge,
  ): Gauge =>
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      ...(collect && {
        collect() {
          collect(this);
        },
      }),
    });
  const histogram = (
    name: string,
    help: string,
    labelNames: readonly string[] = [],
    buckets = SHORT,
  ): Histogram => new Histogram({ name, help, labelNames, buckets, registers });

  gauge('everynode_build_info', 'The version that runs; always 1.', ['version']).set({ version }, 1);
  const requests = counter(
    'rest_client_requests_total',
    'Requests to the API server by HTTP status; 0 without an answer.',
    ['code', 'method', 'host'],
  );
  const requestSeconds = histogram(
    'rest_client_request_duration_seconds',
    'Time until the answer was read.',
    ['verb', 'host'],
  );
  const leading = gauge('leader_election_master_status', 'Whether this replica holds the Lease.', ['name']);
  const reconcileSeconds = histogram(
    'everynode_reconcile_duration_seconds',
    'Time in which one sync was decided.',
  );
  const syncs = counter('everynode_syncs_total', 'Syncs of DaemonSets.', ['result']);
  const created = counter('everynode_pods_created_total', 'Pods created, by what they were created for.', [
    'reason',
  ]);
  const deleted = counter('everynode_pods_deleted_total', 'Pods deleted, by why.', ['reason']);
  const lag = histogram(
    'everynode_informer_lag_seconds',
    'Time from the answer to a write of ours until the cache showed it.',
    ['kind'],
  );
  const watches = counter(
    'everynode_informer_watches_ended_total',
    'Watches that ended and were taken up again.',
    ['kind'],
  );
  // Made when there is something to say: 0 would look like a certificate that has ended.
  let certificateEnd: Gauge | undefined;
  const queueObserver = queueObservers(counter, gauge, histogram);
  return {
    registry,
    request: ({ method, host, code, seconds }) => {
      requests.inc({ code: String(code), method, host });
      requestSeconds.observe({ verb: method, host }, seconds);
    },
    queue: queueObserver,
    leading: (name, isLeader) => leading.set({ name }, isLeader ? 1 : 0),
    reconciled: (seconds) => reconcileSeconds.observe(seconds),
    synced: (result) => syncs.inc({ result }),
    podCreated: (reason) => created.inc({ reason }),
    podDeleted: (reason) => deleted.inc({ reason }),
    cacheLag: (kind, seconds) => lag.observe({ kind }, seconds),
    certificateEnds: (seconds) => {
      certificateEnd ??= gauge(
        'everynode_certificate_expiry_timestamp_seconds',
        'When the serving certificate ends.',
      );
      certificateEnd.set(seconds);
    },
    watchEnded: (kind) => watches.inc({ kind }),
    sampled: (name, help, labels, read) => {
      gauge(name, help, labels, (self) => {
        self.reset();
        for (const sample of read()) self.set(sample.labels, sample.value);
      });
    },
  };
}

type CollectGauge = (self: Gauge) => void;
type Make<T> = (name: string, help: string, labels: readonly string[]) => T;

/** Names and meaning as in component-base `workqueue` metrics. */
function queueObservers(
  counter: Make<Counter>,
  gauge: (name: string, help: string, labels: readonly string[], collect?: CollectGauge) => Gauge,
  histogram: (name: string, help: string, labels: readonly string[], buckets: number[]) => Histogram,
): Metrics['queue'] {
  const inHand = new Map<string, () => readonly number[]>();
  const labels = ['name'];
  const depth = gauge('workqueue_depth', 'Keys waiting.', labels);
  const adds = counter('workqueue_adds_total', 'Keys added.', labels);
  const waited = histogram('workqueue_queue_duration_seconds', 'How long keys wait.', labels, QUEUE);
  const worked = histogram('workqueue_work_duration_seconds', 'How long keys are worked on.', labels, QUEUE);
  const retries = counter('workqueue_retries_total', 'Keys retried after a failure.', labels);
  gauge('workqueue_unfinished_work_seconds', 'Time spent on keys in hand, in all.', labels, (self) => {
    for (const [name, read] of inHand) self.set({ name }, sum(read()));
  });
  gauge(
    'workqueue_longest_running_processor_seconds',
    'Time spent on the key in hand that takes longest.',
    labels,
    (self) => {
      for (const [name, read] of inHand) self.set({ name }, Math.max(0, ...read()));
    },
  );
  return (name) => ({
    added: (now) => {
      adds.inc({ name });
      depth.set({ name }, now);
    },
    started: (now, seconds) => {
      depth.set({ name }, now);
      waited.observe({ name }, seconds);
    },
    finished: (seconds) => worked.observe({ name }, seconds),
    retried: () => retries.inc({ name }),
    watch: (read) => void inHand.set(name, read),
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
