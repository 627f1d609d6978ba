import { X509Certificate } from 'node:crypto';
import { withoutEnded } from './bundle.ts';
import type { KeyPair } from './issue.ts';
import { isOurs } from './pair.ts';
import { anchorOf, type Certificates, faultOf, faultOfNames, missingNames, type Names } from './verify.ts';

/** What the Secret holds; empty strings for what it lacks. */
export type StoredCertificates = Certificates & {
  /** Says who wrote the Secret where its certificate cannot be read. */
  readonly isMarked: boolean;
  /** Follows `cert` and `key` once its authority is trusted everywhere; its authority is in `ca` already. */
  readonly next?: KeyPair;
};

/**
 * How long every caBundle has held the authority of that fingerprint without a break, in milliseconds, as far as
 * this replica knows; undefined when one does not hold it, or none can be looked at.
 */
export type HeldFor = (fingerprint: string) => number | undefined;

export type RotationSettings = {
  /** The share of its life after which a certificate is followed by the next one. */
  readonly rotateAfter: number;
  /** How long after it was written a caBundle has come to every API server, in milliseconds. */
  readonly settleMs: number;
};

export const ROTATION: RotationSettings = {
  rotateAfter: 2 / 3,
  // An API server that lost its etcd notices within 40 s, and then has to list again.
  settleMs: 120_000,
};

/** A certificate that is this near its end is not worth keeping. */
const ENDING_MS = 5 * 60_000;

export type RotationState = {
  /** Undefined where there is no Secret. */
  readonly stored: StoredCertificates | undefined;
  /** What this replica serves with. */
  readonly serving: Certificates | undefined;
  /** Under which the API server calls us. */
  readonly names: Names;
  /** Milliseconds since the epoch, by the API server's clock. */
  readonly now: number;
  readonly heldFor: HeldFor;
  readonly settings: RotationSettings;
};

/** What is to be done about the Secret now. `why` and `fault` complete a sentence. */
export type RotationStep =
  /** Nothing before that time (milliseconds since the epoch), or before anything changes. */
  | { readonly do: 'wait'; readonly until: number }
  /** Nothing in use is worth keeping: put a new pair in the Secret, to be served at once. */
  | { readonly do: 'make'; readonly why: string }
  /** Go on serving `keep`; lay the next pair beside it, and its authority into the bundle. */
  | { readonly do: 'begin'; readonly keep: Certificates; readonly why: string }
  /** The authority of the next pair is trusted everywhere: let it follow. */
  | { readonly do: 'promote'; readonly next: KeyPair }
  /** Take authorities out of the bundle that have ended. */
  | { readonly do: 'tidy'; readonly ca: string }
  /** It is somebody else's, and cannot be used. */
  | { readonly do: 'complain'; readonly fault: string };

/**
 * The next step of the rotation. Each is one write of the Secret that fails when somebody else wrote first, so any
 * replica may take it. An authority is published before anything is served that it signed, and stays until all
 * that it signed has ended; so at no time is a certificate served that a bundle does not lead to.
 */
export function nextStep(state: RotationState): RotationStep {
  const { stored, now } = state;
  if (!stored) return replace('there is no Secret', state);
  if (stored.cert === '' && stored.key === '') return replace('the Secret is empty', state);
  const fault = faultOf(stored, now);
  if (!belongsToUs(stored)) {
    const objection = fault ?? faultOfNames(stored.cert, state.names);
    return objection === undefined ? wait(Infinity) : { do: 'complain', fault: objection };
  }
  if (fault !== undefined) return replace(fault, state);
  return stored.next ? follow(stored, stored.next, state) : keep(stored, state);
}

/**
 * After how many milliseconds a replica that serves with one set (or none yet) goes over to another that can be
 * used: 0 for now, Infinity for not before a caBundle changes.
 */
export function takesUpAfter(
  offered: Certificates,
  { serving, now, heldFor, settings }: Omit<RotationState, 'stored' | 'names'>,
): number {
  if (!serving || serving.cert === offered.cert || isEnding(serving.cert, now)) return 0;
  const held = heldFor(anchorOf(offered)?.fingerprint256 ?? '');
  // Whoever writes the caBundles has replaced the authority instead of adding the new one.
  const isAbandoned = heldFor(anchorOf(serving)?.fingerprint256 ?? '') === undefined;
  if (held !== undefined && isAbandoned) return 0;
  const left = held === undefined ? Infinity : Math.max(0, settings.settleMs - held);
  return Math.min(left, endOf(serving.cert) - ENDING_MS - now);
}

/** Milliseconds since the epoch. */
export function endOf(cert: string): number {
  return new X509Certificate(cert).validToDate.getTime();
}

function belongsToUs({ cert, isMarked }: StoredCertificates): boolean {
  return isOurs(cert) ?? isMarked;
}

/** What the Secret should serve with is gone; what is in use, or was about to be, may still do. */
function replace(why: string, { stored, serving, now }: RotationState): RotationStep {
  if (serving && faultOf(serving, now) === undefined) {
    if (isOurs(serving.cert)) return { do: 'begin', keep: serving, why };
    return { do: 'complain', fault: `${why}, and its certificates were not made by everynode` };
  }
  if (stored?.next && faultOf({ ...stored.next, ca: stored.ca }, now) === undefined) {
    return { do: 'promote', next: stored.next };
  }
  return { do: 'make', why };
}

function keep(stored: StoredCertificates, { names, now, settings }: RotationState): RotationStep {
  const missing = missingNames(stored.cert, names);
  if (missing.length > 0) {
    return { do: 'begin', keep: stored, why: `the certificate is not made out for ${missing.join(', ')}` };
  }
  const due = dueAt(stored.cert, settings);
  if (now >= due) return { do: 'begin', keep: stored, why: 'the certificate has lived most of its life' };
  const ca = withoutEnded(stored.ca, now);
  return ca === stored.ca ? wait(due) : { do: 'tidy', ca };
}

function follow(stored: StoredCertificates, next: KeyPair, state: RotationState): RotationStep {
  const { names, now, heldFor, settings } = state;
  const upcoming = { ...next, ca: stored.ca };
  const fault = faultOf(upcoming, now);
  if (fault !== undefined) return { do: 'begin', keep: stored, why: `the next one cannot be used: ${fault}` };
  const missing = missingNames(next.cert, names);
  if (missing.length > 0) {
    return { do: 'begin', keep: stored, why: `the next one is not made out for ${missing.join(', ')}` };
  }
  if (isEnding(stored.cert, now)) return { do: 'promote', next };
  const held = heldFor(anchorOf(upcoming)?.fingerprint256 ?? '');
  if (held !== undefined && held >= settings.settleMs) return { do: 'promote', next };
  const atTheLatest = endOf(stored.cert) - ENDING_MS;
  return wait(held === undefined ? atTheLatest : Math.min(atTheLatest, now + settings.settleMs - held));
}

function dueAt(cert: string, { rotateAfter }: RotationSettings): number {
  const { validFromDate: from, validToDate: to } = new X509Certificate(cert);
  return from.getTime() + (to.getTime() - from.getTime()) * rotateAfter;
}

function isEnding(cert: string, now: number): boolean {
  return endOf(cert) - ENDING_MS <= now;
}

function wait(until: number): RotationStep {
  return { do: 'wait', until };
}
