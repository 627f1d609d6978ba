import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** How a request ended. The last three never reached a rule: not readable, a fault of ours, no room for it. */
export type AdmissionOutcome =
  | 'allowed'
  | 'patched'
  | 'warned'
  | 'denied'
  | 'malformed'
  | 'failed'
  | 'overloaded';

/** One answered request. All texts but the outcome must come from a bounded set: each is a series of its own. */
export type AdmissionSample = {
  readonly phase: string;
  readonly kind: string;
  readonly operation: string;
  readonly verdict: AdmissionOutcome;
  /** From the request's headers to the answer. */
  readonly seconds: number;
};

export type AdmissionMetrics = {
  readonly answered: (sample: AdmissionSample) => void;
  /** A rule that was broken, whether it denied or warned. */
  readonly violated: (sample: { rule: string; level: string; phase: string }) => void;
  /** Read at every scrape. */
  readonly watch: (load: { readonly requests: number; readonly heldBytes: number }) => void;
};

/** Upper bounds in seconds. Most requests take a tenth of a millisecond; the API server waits for 10 s at most. */
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 10];

/** Adds what the webhook measures to the registry. */
export function createAdmissionMetrics(registry: Registry): AdmissionMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: 'everynode_admission_requests_total',
    help: 'Admission requests by how they were answered.',
    labelNames: ['phase', 'kind', 'operation', 'verdict'],
    registers,
  });
  const seconds = new Histogram({
    name: 'everynode_admission_duration_seconds',
    help: 'Time from the headers of an admission request to its answer.',
    labelNames: ['phase', 'kind'],
    buckets: BUCKETS,
    registers,
  });
  const violations = new Counter({
    name: 'everynode_admission_rule_violations_total',
    help: 'Rules that admission requests broke. DaemonSets are judged in both phases.',
    labelNames: ['rule', 'level', 'phase'],
    registers,
  });
  let load = { requests: 0, heldBytes: 0 };
  const read = (name: string, help: string, value: () => number): void => {
    // eslint-disable-next-line no-new -- the registry keeps it
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  read('everynode_admission_requests_in_flight', 'Requests that are not answered yet.', () => load.requests);
  read('everynode_admission_held_body_bytes', 'Bytes held of large bodies.', () => load.heldBytes);
  return {
    answered: ({ phase, kind, operation, verdict, seconds: taken }) => {
      requests.inc({ phase, kind, operation, verdict });
      seconds.observe({ phase, kind }, taken);
    },
    violated: (labels) => violations.inc(labels),
    watch: (watched) => {
      load = watched;
    },
  };
}
