import { Registry } from 'prom-client';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAdmissionMetrics } from '../../src/telemetry/admission-metrics.ts';
import type { Certificates } from '../../src/tls/certificates.ts';
import { SERVER_LIMITS, type WebhookServerOptions } from '../../src/webhook/server.ts';
import { samples } from '../telemetry/samples.ts';
import { fixture, newCertificates, type Review, Webhook } from './harness.ts';

let certificates: Certificates;
let webhook: Webhook;
let registry: Registry;

beforeAll(async () => {
  certificates = await newCertificates();
});
afterEach(() => webhook.server.close());

async function start(options: Partial<WebhookServerOptions> = {}): Promise<void> {
  registry = new Registry();
  webhook = await Webhook.start(certificates, { metrics: createAdmissionMetrics(registry), ...options });
}

const requests = (): Promise<readonly string[]> => samples(registry, 'everynode_admission_requests_total');
const violations = (): Promise<readonly string[]> =>
  samples(registry, 'everynode_admission_rule_violations_total');

function asking(review: Review, request: object): Review {
  return { ...review, request: { ...review.request, ...request } };
}

describe('admission metrics', () => {
  it('are nothing before the first request', async () => {
    await start();
    expect(await requests()).toEqual([]);
    expect(await violations()).toEqual([]);
    expect(await samples(registry, 'everynode_admission_requests_in_flight')).toEqual(['0']);
  });

  it('count every request by what it was and how it was answered', async () => {
    await start();
    const created = fixture('daemonset-create');
    await webhook.review('/mutate', created);
    await webhook.review('/mutate', fixture('pod-named-by-annotation'));
    await webhook.review('/mutate', fixture('daemonset-two-rules-broken'));
    await webhook.review('/validate', created);
    await webhook.review('/validate', created);
    await webhook.call('/validate', { body: '{' });
    expect((await requests()).toSorted()).toEqual([
      '{phase="mutate",kind="DaemonSet",operation="CREATE",verdict="allowed"} 1',
      '{phase="mutate",kind="DaemonSet",operation="CREATE",verdict="denied"} 1',
      '{phase="mutate",kind="Pod",operation="CREATE",verdict="patched"} 1',
      '{phase="validate",kind="DaemonSet",operation="CREATE",verdict="allowed"} 2',
      '{phase="validate",kind="other",operation="other",verdict="malformed"} 1',
    ]);
  });

  it('count each rule that was broken, by its level', async () => {
    const violations = [
      { rule: 'one', level: 'warn', path: 'spec', message: 'is odd' },
      { rule: 'two', level: 'warn', path: 'spec', message: 'is odd' },
    ] as const;
    await start({ decide: () => ({ allowed: true, patch: [], violations }) });
    await webhook.review('/mutate', fixture('daemonset-create'));
    await webhook.review('/mutate', fixture('daemonset-create'));
    expect(await requests()).toEqual([
      '{phase="mutate",kind="DaemonSet",operation="CREATE",verdict="warned"} 2',
    ]);
    expect(await samples(registry, 'everynode_admission_rule_violations_total')).toEqual([
      '{rule="one",level="warn",phase="mutate"} 2',
      '{rule="two",level="warn",phase="mutate"} 2',
    ]);
  });

  it('name the rules that deny', async () => {
    await start();
    await webhook.review('/mutate', fixture('daemonset-two-rules-broken'));
    expect(await violations()).toEqual([
      expect.stringMatching(/^\{rule="[a-z-]+",level="deny",phase="mutate"\} 1$/),
      expect.stringMatching(/^\{rule="[a-z-]+",level="deny",phase="mutate"\} 1$/),
    ]);
  });

  it('measure in seconds how long the answers took', async () => {
    await start();
    for (let at = 0; at < 3; at += 1) await webhook.review('/mutate', fixture('daemonset-create'));
    const labels = '{phase="mutate",kind="DaemonSet"}';
    expect(await samples(registry, 'everynode_admission_duration_seconds_count')).toEqual([`${labels} 3`]);
    const [sum = ''] = await samples(registry, 'everynode_admission_duration_seconds_sum');
    const seconds = Number(sum.slice(labels.length));
    // Longer than nothing and, were it counted in milliseconds, shorter than a request can be.
    expect(seconds).toBeGreaterThan(0);
    expect(await samples(registry, 'everynode_admission_duration_seconds_bucket')).toContainEqual(
      '{le="10",phase="mutate",kind="DaemonSet"} 3',
    );
  });

  it('put whatever a request calls itself into few words', async () => {
    await start();
    const created = fixture('daemonset-create');
    for (const kind of ['Widget', 'Pod"} 1', '__proto__', 'constructor', 'DaemonSet']) {
      const gvk = { group: 'example.com', version: 'v1', kind };
      await webhook.review('/mutate', asking(created, { kind: gvk, operation: `${kind}!` }));
    }
    expect(await requests()).toEqual(['{phase="mutate",kind="other",operation="other",verdict="allowed"} 5']);
  });

  it('count a fault of ours as one', async () => {
    await start({
      decide: () => {
        throw new Error('a bug');
      },
    });
    expect((await webhook.call('/mutate', { body: JSON.stringify(fixture('pod-bound')) })).status).toBe(500);
    expect(await requests()).toEqual(['{phase="mutate",kind="Pod",operation="CREATE",verdict="failed"} 1']);
  });

  it('show what is in hand, and what was turned away for it', async () => {
    await start({ limits: { ...SERVER_LIMITS, requestsInFlight: 1 } });
    const { finish } = await webhook.halfSent('/mutate', JSON.stringify(fixture('pod-bound')));
    expect(await samples(registry, 'everynode_admission_requests_in_flight')).toEqual(['1']);
    expect((await webhook.call('/mutate', { body: '{}' })).status).toBe(429);
    expect(await requests()).toEqual([
      '{phase="mutate",kind="other",operation="other",verdict="overloaded"} 1',
    ]);
    await finish();
    await webhook.settled();
    expect(await samples(registry, 'everynode_admission_requests_in_flight')).toEqual(['0']);
  });
});
