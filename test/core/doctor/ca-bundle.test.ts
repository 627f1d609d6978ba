import { generate } from 'selfsigned';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkCaBundles } from '../../../src/core/doctor/ca-bundle.ts';
import type { Finding } from '../../../src/core/doctor/finding.ts';
import type { RawHook } from '../../../src/core/doctor/hook.ts';
import { configuration, entry, evidence } from './cluster.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW = Date.parse('2026-06-01T00:00:00Z');
const service = { namespace: 'policy', name: 'engine' };

async function certificate(days: number): Promise<string> {
  const { cert } = await generate([{ name: 'commonName', value: 'ca' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(NOW - 365 * DAY_MS),
    notAfterDate: new Date(NOW + days * DAY_MS),
  });
  return cert;
}

const base64 = (...pems: readonly string[]): string => Buffer.from(pems.join('\n')).toString('base64');

function check(clientConfig: RawHook['clientConfig'], failurePolicy = 'Fail'): readonly Finding[] {
  const hook = entry({ failurePolicy, ...(clientConfig && { clientConfig }) });
  return checkCaBundles(evidence({ configurations: [configuration('engine', [hook])] }), NOW);
}

describe('a caBundle', () => {
  let expired: string;
  let ending: string;
  let lasting: string;

  beforeAll(async () => {
    [expired, ending, lasting] = await Promise.all([certificate(-2), certificate(10), certificate(400)]);
  });

  it('that lasts is fine, also beside one that has expired: that is how CAs are rotated', () => {
    expect(check({ service, caBundle: base64(lasting) })).toEqual([]);
    expect(check({ service, caBundle: base64(expired, lasting) })).toEqual([]);
  });

  it('that has expired is an error where the webhook fails closed', () => {
    const [finding, ...more] = check({ service, caBundle: base64(expired) });
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      severity: 'error',
      check: 'ca-bundle-expired',
      object: { kind: 'ValidatingWebhookConfiguration', name: 'engine' },
      path: 'webhooks[0].clientConfig.caBundle',
    });
    expect(finding?.explanation).toContain('expired on 2026-05-30');
    expect(check({ service, caBundle: base64(expired) }, 'Ignore')[0]?.severity).toBe('warning');
  });

  it('that soon expires is warned of', () => {
    const [finding] = check({ service, caBundle: base64(expired, ending) });
    expect(finding).toMatchObject({ severity: 'warning', check: 'ca-bundle-expires' });
    expect(finding?.explanation).toContain('expires on 2026-06-11, in 10 days');
  });

  it('that is missing makes a Service unreachable, and is usual for a URL', () => {
    expect(check({ service })[0]).toMatchObject({ severity: 'error', check: 'ca-bundle-missing' });
    expect(check({ url: 'https://hooks.example' })).toEqual([]);
  });

  it.each([
    ['no PEM', Buffer.from('nothing').toString('base64')],
    [
      'a certificate that is none',
      base64('-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----'),
    ],
  ])('with %s cannot be read', (_, caBundle) => {
    expect(check({ service, caBundle })[0]).toMatchObject({
      severity: 'error',
      check: 'ca-bundle-unreadable',
    });
  });
});
