import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { issueCa, issueServingCertificate } from '../../src/tls/issue.ts';
import { isOurs, issuePair } from '../../src/tls/pair.ts';
import {
  nextStep,
  ROTATION,
  type RotationState,
  type StoredCertificates,
  takesUpAfter,
} from '../../src/tls/rotation.ts';
import type { Certificates } from '../../src/tls/verify.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const NOW = Date.parse('2030-06-01T00:00:00Z');
const NAMES = { dnsNames: ['hook.kube-system.svc'], ipAddresses: [] };

let first: Certificates;
let second: Certificates;
let expired: Certificates;
let theirs: Certificates;

async function foreign(dnsName: string, now = NOW): Promise<Certificates> {
  const ca = await issueCa('somebody else', now);
  const options = { commonName: 'x', dnsNames: [dnsName], ipAddresses: [], ca, now };
  return { ...(await issueServingCertificate(options)), ca: ca.cert };
}

beforeAll(async () => {
  first = await issuePair({ names: NAMES, now: NOW });
  second = await issuePair({ names: NAMES, now: NOW });
  expired = await issuePair({ names: NAMES, now: NOW - 400 * DAY });
  theirs = await foreign('hook.kube-system.svc');
});

const stored = (certificates: Certificates, more: Partial<StoredCertificates> = {}): StoredCertificates => ({
  ...certificates,
  isMarked: true,
  ...more,
});
const withNext = (current: Certificates, next: Certificates): StoredCertificates =>
  stored(current, { ca: next.ca + current.ca, next: { cert: next.cert, key: next.key } });

function state(overrides: Partial<RotationState> = {}): RotationState {
  return {
    stored: stored(first),
    serving: undefined,
    names: NAMES,
    now: NOW,
    heldFor: () => undefined,
    settings: ROTATION,
    ...overrides,
  };
}

const fingerprint = ({ ca }: Certificates): string => new X509Certificate(ca).fingerprint256;
const held =
  (certificates: Certificates, ms: number) =>
  (asked: string): number | undefined =>
    asked === fingerprint(certificates) ? ms : undefined;

describe('a Secret of ours', () => {
  it('is left alone until two thirds of its life are over', () => {
    const { validFromDate: from, validToDate: to } = new X509Certificate(first.cert);
    const due = from.getTime() + ((to.getTime() - from.getTime()) * 2) / 3;
    expect(nextStep(state())).toEqual({ do: 'wait', until: due });
    expect(nextStep(state({ now: due - 1 })).do).toBe('wait');
    expect(nextStep(state({ now: due }))).toMatchObject({ do: 'begin', keep: stored(first) });
  });

  it('is followed when it lacks a name', () => {
    const names = { dnsNames: [...NAMES.dnsNames, 'other.svc'], ipAddresses: [] };
    expect(nextStep(state({ names }))).toMatchObject({
      do: 'begin',
      why: 'the certificate is not made out for other.svc',
    });
  });

  it('waits with the next one until its authority has been in every caBundle for long enough', () => {
    const secret = withNext(first, second);
    const step = (heldFor: RotationState['heldFor']) => nextStep(state({ stored: secret, heldFor }));
    expect(step(() => undefined).do).toBe('wait');
    expect(step(held(second, 0))).toEqual({ do: 'wait', until: NOW + ROTATION.settleMs });
    expect(step(held(second, ROTATION.settleMs - 1)).do).toBe('wait');
    expect(step(held(second, ROTATION.settleMs))).toEqual({ do: 'promote', next: secret.next });
    // The authority in use says nothing.
    expect(step(held(first, ROTATION.settleMs)).do).toBe('wait');
  });

  it('lets the next one follow anyway when there is nothing left to lose', async () => {
    const end = new X509Certificate(first.cert).validToDate.getTime();
    const late = await issuePair({ names: NAMES, now: end - DAY });
    const secret = withNext(first, late);
    expect(nextStep(state({ stored: secret, now: end - 6 * MINUTE })).do).toBe('wait');
    expect(nextStep(state({ stored: secret, now: end - 5 * MINUTE })).do).toBe('promote');
  });

  it('begins anew when the next one cannot be used, or lacks a name', () => {
    const spoiled = stored(first, { ca: second.ca + first.ca, next: { cert: second.cert, key: first.key } });
    expect(nextStep(state({ stored: spoiled }))).toMatchObject({
      do: 'begin',
      why: 'the next one cannot be used: tls.key is not the key of tls.crt',
    });
    const names = { dnsNames: ['other.svc'], ipAddresses: [] };
    expect(nextStep(state({ stored: withNext(first, second), names }))).toMatchObject({
      do: 'begin',
      why: 'the next one is not made out for other.svc',
    });
  });

  it('has authorities taken out once they have ended', () => {
    const ca = first.ca + expired.ca;
    expect(nextStep(state({ stored: stored(first, { ca }) }))).toEqual({ do: 'tidy', ca: first.ca });
  });
});

describe('a Secret that is gone, empty or spoiled', () => {
  const EMPTY = { cert: '', key: '', ca: '' };
  const lost: Record<string, () => StoredCertificates | undefined> = {
    gone: () => undefined,
    empty: () => stored(EMPTY, { isMarked: false }),
    'cut short': () => stored({ ...first, cert: first.cert.slice(0, 100) }),
    'of two halves': () => stored({ ...first, key: second.key }),
    expired: () => stored(expired),
  };

  it.each(Object.entries(lost))('is made anew where nothing is served: %s', (_, secret) => {
    expect(nextStep(state({ stored: secret() })).do).toBe('make');
  });

  it.each(Object.entries(lost))('keeps what is served, and has it followed: %s', (_, secret) => {
    const step = nextStep(state({ stored: secret(), serving: second }));
    expect(step).toMatchObject({ do: 'begin', keep: second });
  });

  it('goes on with the next one where that is all there is', () => {
    const { next } = withNext(expired, second);
    const secret = stored(expired, { ca: second.ca + expired.ca, ...(next && { next }) });
    expect(nextStep(state({ stored: secret }))).toEqual({ do: 'promote', next });
  });

  it('is not replaced by ours while somebody else’s is served', () => {
    expect(nextStep(state({ stored: undefined, serving: theirs }))).toEqual({
      do: 'complain',
      fault: 'there is no Secret, and its certificates were not made by everynode',
    });
  });
});

describe('a Secret of somebody else', () => {
  it('is never written to, whatever its mark says and however old it is', () => {
    const late = NOW + 300 * DAY;
    for (const isMarked of [true, false]) {
      const step = nextStep(state({ stored: stored(theirs, { isMarked }), now: late }));
      expect(step).toEqual({ do: 'wait', until: Infinity });
    }
  });

  it('is complained about when it cannot be used', async () => {
    const complaint = async (certificates: Promise<Certificates> | Certificates): Promise<string> => {
      const step = nextStep(state({ stored: stored(await certificates, { isMarked: false }) }));
      return step.do === 'complain' ? step.fault : step.do;
    };
    expect(await complaint({ ...theirs, ca: first.ca })).toBe(
      'tls.crt is not signed by an authority in ca.crt',
    );
    expect(await complaint({ ...theirs, cert: 'x' })).toBe('tls.crt holds no PEM certificate');
    expect(await complaint(foreign('hook.kube-system.svc', NOW - 400 * DAY))).toMatch(/^tls\.crt expired/);
    expect(await complaint(foreign('elsewhere.svc'))).toMatch(/made out for none of hook\.kube-system\.svc/);
  });
});

describe('takesUpAfter', () => {
  const asked = (overrides: Partial<RotationState>): number =>
    takesUpAfter(second, { ...state({ serving: first }), ...overrides });

  it('at once where nothing is served, or the same', () => {
    expect(asked({ serving: undefined })).toBe(0);
    expect(asked({ serving: second })).toBe(0);
  });

  it('once the authority has been everywhere for long enough', () => {
    const both = (ms: number) => (print: string) => (print === fingerprint(second) ? ms : DAY);
    expect(asked({ heldFor: both(0) })).toBe(ROTATION.settleMs);
    expect(asked({ heldFor: both(ROTATION.settleMs - 1) })).toBe(1);
    expect(asked({ heldFor: both(ROTATION.settleMs) })).toBe(0);
  });

  it('not while the authority is missing somewhere, unless the one in use is about to end', () => {
    const end = new X509Certificate(first.cert).validToDate.getTime();
    expect(asked({ heldFor: held(first, DAY) })).toBe(end - 5 * MINUTE - NOW);
    expect(asked({ heldFor: held(first, DAY), now: end - 5 * MINUTE })).toBe(0);
  });

  it('at once when whoever writes the caBundles has replaced the authority in use', () => {
    expect(asked({ heldFor: held(second, 0) })).toBe(0);
  });
});

describe('issuePair', () => {
  it('makes an authority that ends with what it signed, and that can be told from others', () => {
    const [leaf, ca] = [new X509Certificate(first.cert), new X509Certificate(first.ca)];
    expect(ca.validTo).toBe(leaf.validTo);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(ca.subject).not.toBe(new X509Certificate(second.ca).subject);
    expect([isOurs(first.cert), isOurs(theirs.cert), isOurs('x')]).toEqual([true, false, undefined]);
  });
});
