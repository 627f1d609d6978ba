import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passInSteps, restoreTime, settle, stopTime } from '../fakes/clock.ts';
import { connect } from './harness.ts';
import { candidate, LeaseServer, passUntilTrue, type Spec } from './lease-harness.ts';

beforeAll(stopTime);
afterAll(restoreTime);

const MICRO_TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
const SECOND_MS = 1_000;

function heldBy(holderIdentity: string, more: Spec = {}): Spec {
  return {
    holderIdentity,
    leaseDurationSeconds: 15,
    acquireTime: '2026-11-01T00:00:00.000000Z',
    renewTime: '2026-11-01T00:00:00.000000Z',
    leaseTransitions: 3,
    ...more,
  };
}

const hasStarted = ({ events }: { events: readonly string[] }): boolean => events.includes('started');

describe('a Lease that nobody holds', () => {
  it('is created where there is none', async () => {
    const connected = await connect();
    const leases = LeaseServer.at(connected.server);
    const us = candidate(connected, 'us');
    await passUntilTrue(() => hasStarted(us));
    expect(us.events).toEqual(['leader is us', 'started']);
    const { spec } = leases.writes[0]!;
    expect(spec).toEqual({
      holderIdentity: 'us',
      leaseDurationSeconds: 15,
      acquireTime: MICRO_TIME,
      renewTime: spec['acquireTime'],
      leaseTransitions: 0,
    });
    expect(connected.server.requests[1]?.json).toMatchObject({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'everynode', namespace: 'ours' },
    });
  });

  it('is taken at once when it was given back', async () => {
    const connected = await connect();
    const leases = LeaseServer.at(connected.server, heldBy(''));
    const us = candidate(connected, 'us');
    await passUntilTrue(() => hasStarted(us));
    expect(leases.writes[0]?.spec).toMatchObject({
      holderIdentity: 'us',
      leaseDurationSeconds: 15,
      leaseTransitions: 4,
    });
    expect(connected.server.requests.map(({ method }) => method)).toEqual(['GET', 'PUT']);
  });

  it('is taken when it was never filled in', async () => {
    const connected = await connect();
    const leases = LeaseServer.at(connected.server, {});
    const us = candidate(connected, 'us');
    await passUntilTrue(() => hasStarted(us));
    expect(leases.writes[0]?.spec).toMatchObject({ holderIdentity: 'us', leaseTransitions: 1 });
  });
});

it('a Lease that we held in a former life is ours at once, and is no new reign', async () => {
  const connected = await connect();
  const leases = LeaseServer.at(connected.server, heldBy('us'));
  const us = candidate(connected, 'us');
  await passUntilTrue(() => hasStarted(us));
  expect(leases.writes[0]?.spec).toMatchObject({
    acquireTime: '2026-11-01T00:00:00.000000Z',
    renewTime: MICRO_TIME,
    leaseTransitions: 3,
  });
  expect(leases.writes[0]?.spec['renewTime']).not.toBe('2026-11-01T00:00:00.000000Z');
});

describe('a Lease of another', () => {
  const skews: Record<string, number> = {
    'is an hour late': -3_600 * SECOND_MS,
    'goes right': 0,
    'is an hour early': 3_600 * SECOND_MS,
  };

  describe.each(Object.entries(skews))('whose clock %s', (_, skewMs) => {
    const theirTime = (): string => new Date(Date.now() + skewMs).toISOString().replace('Z', '000Z');

    it('is left alone as long as it is renewed', async () => {
      const connected = await connect();
      const leases = LeaseServer.at(connected.server, heldBy('them', { renewTime: theirTime() }));
      const us = candidate(connected, 'us');
      for (let renewals = 0; renewals < 12; renewals += 1) {
        await passInSteps(5 * SECOND_MS);
        leases.put(heldBy('them', { renewTime: theirTime() }));
      }
      expect(us.events).toEqual(['leader is them']);
      expect(leases.writes).toEqual([]);
    });

    it('is taken when it has not been renewed for its time by our clock, and not before', async () => {
      const connected = await connect();
      const leases = LeaseServer.at(connected.server, heldBy('them', { renewTime: theirTime() }));
      const us = candidate(connected, 'us');
      await passUntilTrue(() => us.events.length > 0);
      await passInSteps(14 * SECOND_MS);
      expect(leases.writes).toEqual([]);
      await passUntilTrue(() => hasStarted(us));
      expect(us.events).toEqual(['leader is them', 'leader is us', 'started']);
      const { spec } = leases.writes[0]!;
      expect(spec).toMatchObject({
        holderIdentity: 'us',
        leaseTransitions: 4,
        acquireTime: spec['renewTime'],
      });
    });
  });

  it('is left alone for the time that its holder asked for', async () => {
    const connected = await connect();
    const leases = LeaseServer.at(connected.server, heldBy('them', { leaseDurationSeconds: 60 }));
    const us = candidate(connected, 'us');
    await passUntilTrue(() => us.events.length > 0);
    await passInSteps(59 * SECOND_MS);
    expect(leases.writes).toEqual([]);
    await passUntilTrue(() => hasStarted(us));
  });

  it('keeps its fields that nobody knows when it is taken', async () => {
    const connected = await connect();
    const leases = LeaseServer.at(connected.server);
    leases.put(heldBy('', { strategy: 'OldestEmulationVersion' }), { labels: { app: 'x' } });
    const us = candidate(connected, 'us');
    await passUntilTrue(() => hasStarted(us));
    expect(leases.lease).toMatchObject({
      metadata: { labels: { app: 'x' } },
      spec: { strategy: 'OldestEmulationVersion' },
    });
  });
});

describe('a race that is lost', () => {
  it('by creating makes us wait for the winner', async () => {
    const connected = await connect();
    const leases = LeaseServer.at(connected.server);
    leases.on('GET', (exchange) => {
      exchange.refuse(404);
      leases.put(heldBy('them'));
      leases.serve();
    });
    const us = candidate(connected, 'us');
    await passUntilTrue(() => us.events.length > 0);
    expect(us.events).toEqual(['leader is them']);
    expect(connected.logger.lines.filter(({ level }) => level !== 'debug')).toEqual([]);
  });

  it('by taking over makes us wait for the winner', async () => {
    const connected = await connect();
    const leases = LeaseServer.at(connected.server, heldBy(''));
    leases.on('GET', (exchange) => {
      exchange.answer(leases.lease);
      leases.put(heldBy('them'));
      leases.serve();
    });
    const us = candidate(connected, 'us');
    await passUntilTrue(() => us.events.length > 0);
    expect(us.events).toEqual(['leader is them']);
    expect(leases.writes).toEqual([]);
  });
});

it('of two candidates one leads, and the other follows at once when it lets go', async () => {
  const connected = await connect();
  const leases = LeaseServer.at(connected.server);
  const both = [candidate(connected, 'one'), candidate(connected, 'two')];
  await passInSteps(30 * SECOND_MS);
  const leaders = both.filter(hasStarted);
  expect(leaders).toHaveLength(1);
  const follower = both.find((one) => !hasStarted(one));
  leaders[0]?.stop();
  await leaders[0]?.result;
  expect(leases.lease?.spec).toMatchObject({ holderIdentity: '' });
  const releasedAt = performance.now();
  await passUntilTrue(() => follower !== undefined && hasStarted(follower));
  expect(performance.now() - releasedAt).toBeLessThan(15 * SECOND_MS);
});

describe('the signal ends a candidature', () => {
  it('that waits for its next try', async () => {
    const connected = await connect();
    LeaseServer.at(connected.server, heldBy('them'));
    const us = candidate(connected, 'us');
    await passUntilTrue(() => us.events.length > 0);
    us.stop();
    await us.result;
    expect(us.events).toEqual(['leader is them', 'resolved']);
  });

  it('that waits for an answer', async () => {
    const connected = await connect();
    const us = candidate(connected, 'us');
    const exchange = await connected.server.next();
    us.stop();
    await us.result;
    await exchange.closed;
    await settle();
    expect(us.events).toEqual(['resolved']);
    expect(connected.logger.lines).toEqual([]);
  });
});
