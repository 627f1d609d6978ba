import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { issueCa } from '../../src/tls/issue.ts';
import {
  bundleFor,
  hasBundle,
  liveConfiguration,
  type LiveConfiguration,
  TrustRecord,
} from '../../src/webhook/trust.ts';

const NOW = Date.now();
let [a, b, ended] = ['', '', ''];

beforeAll(async () => {
  [a, b, ended] = await Promise.all([
    issueCa('a', NOW).then(({ cert }) => cert),
    issueCa('b', NOW - 1).then(({ cert }) => cert),
    issueCa('ended', NOW - 86_400_000, 3_600_000).then(({ cert }) => cert),
  ]);
});

const live = (...bundles: readonly string[]): LiveConfiguration => ({
  name: 'everynode',
  uid: 'u',
  resourceVersion: '1',
  entries: bundles.map((caBundle, index) => ({ name: `entry-${index}`, caBundle })),
});
const print = (pem: string): string => new X509Certificate(pem).fingerprint256;

it('reads what the API server sends, caBundles or none', () => {
  const raw = {
    metadata: { name: 'everynode', uid: 'u', resourceVersion: '7', labels: {} },
    webhooks: [
      { name: 'with', clientConfig: { caBundle: Buffer.from(a).toString('base64') } },
      { name: 'without', clientConfig: { url: 'https://x' } },
    ],
  };
  expect(liveConfiguration(raw)).toEqual({
    name: 'everynode',
    uid: 'u',
    resourceVersion: '7',
    entries: [
      { name: 'with', caBundle: a },
      { name: 'without', caBundle: '' },
    ],
  });
});

describe('bundleFor', () => {
  it('adds to what any entry has, and leaves out what has ended', () => {
    expect(bundleFor(live('', b + ended), a, NOW)).toBe(a + b);
    expect(bundleFor(undefined, a, NOW)).toBe(a);
  });
});

describe('hasBundle', () => {
  it('asks for the same authorities in every entry, and for all entries', () => {
    expect(hasBundle(live(a + b, b + a), a + b)).toBe(true);
    expect(hasBundle(live(a + b, a), a + b)).toBe(false);
    expect(hasBundle(live(a + b + ended), a + b)).toBe(false);
    expect(hasBundle(live(a), a, ['entry-0', 'entry-1'])).toBe(false);
  });
});

describe('TrustRecord', () => {
  it('counts from when the last entry of all configurations got the authority', () => {
    const trust = new TrustRecord();
    trust.observe([live(a + b), live(a)], 100);
    expect(trust.heldFor(print(a), 150)).toBe(50);
    expect(trust.heldFor(print(b), 150)).toBeUndefined();
    trust.observe([live(a + b), live(a + b)], 200);
    expect([trust.heldFor(print(a), 250), trust.heldFor(print(b), 250)]).toEqual([150, 50]);
  });

  it('begins anew after a break', () => {
    const trust = new TrustRecord();
    trust.observe([live(a)], 0);
    trust.observe([live('')], 10);
    expect(trust.heldFor(print(a), 20)).toBeUndefined();
    trust.observe([live(a)], 30);
    expect(trust.heldFor(print(a), 35)).toBe(5);
  });

  it('takes everything for trusted while nobody calls, and nothing once somebody may', () => {
    const trust = new TrustRecord();
    trust.observe([undefined, live()], 0);
    expect(trust.heldFor(print(a), 40)).toBe(40);
    trust.observe([live(''), undefined], 50);
    expect(trust.heldFor(print(a), 60)).toBeUndefined();
  });
});
