/** How long a node waits before its failed daemon pod is replaced once more. Milliseconds. */
export type BackoffEntry = { readonly delayMs: number; readonly since: number };

/** Entries by node name, for one DaemonSet and one observed generation of it. */
export type FailedPodBackoff = ReadonlyMap<string, BackoffEntry>;

export const INITIAL_BACKOFF_MS = 1_000;
export const MAX_BACKOFF_MS = 15 * 60_000;

export type BackoffVerdict =
  | { readonly kind: 'replace'; readonly next: BackoffEntry }
  | { readonly kind: 'wait'; readonly remainingMs: number };

/**
 * Whether a failed pod may be replaced now, and the entry that says when the next one may. Starts at 1 s and
 * doubles up to 15 min; after twice the maximum without a failure it starts anew.
 *
 * Source: upstream `failedPodsBackoff` (`flowcontrol.Backoff` without jitter).
 */
export function failedPodVerdict(entry: BackoffEntry | undefined, now: number): BackoffVerdict {
  if (entry === undefined || isExpired(entry, now)) {
    return { kind: 'replace', next: { delayMs: INITIAL_BACKOFF_MS, since: now } };
  }
  const remainingMs = entry.since + entry.delayMs - now;
  if (remainingMs > 0) return { kind: 'wait', remainingMs };
  return { kind: 'replace', next: { delayMs: Math.min(entry.delayMs * 2, MAX_BACKOFF_MS), since: now } };
}

/** True when the node has been quiet for so long that its failures are forgotten. */
export function isExpired(entry: BackoffEntry, now: number): boolean {
  return now - entry.since > 2 * MAX_BACKOFF_MS;
}
