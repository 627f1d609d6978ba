import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LeaseLostError } from '../../src/kube/lease.ts';
import type { Exchange } from '../fakes/api-server.ts';
import { passInSteps, passUntil, restoreTime, settle, stopTime } from '../fakes/clock.ts';
import { type Connected, connect } from './harness.ts';
import { type Candidate, candidate, LeaseServer, passUntilTrue, type Spec } from './lease-harness.ts';

beforeAll(stopTime);
afterAll(restoreTime);

const SECOND_MS = 1_000;
const DEADLINE_MS = 10 * SECOND_MS;

type Leading = Connected & { readonly leases: LeaseServer; readonly us: Candidate };

async function leading(): Promise<Leading> {
  const connected = await connect();
  const leases = LeaseServer.at(connected.server);
  const us = candidate(connected, 'us');
  await passUntilTrue(() => us.events.includes('started'));
  return { ...connected, leases, us };
}

function warnings({ logger }: Connected): readonly string[] {
  return logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
}

describe('while we lead', () => {
  it('§7.3 the Lease is renewed every 2 s, and nothing else about it changes', async () => {
    const { leases, us } = await leading();
    await passInSteps(21 * SECOND_MS);
    expect(leases.writes.length).toBeGreaterThanOrEqual(8);
    const [first, ...others] = leases.writes.map(({ spec }) => spec);
    const times = leases.writes.map(({ spec }) => String(spec['renewTime']));
    expect(times).toEqual([...new Set(times)].toSorted());
    for (const spec of others) expect(spec).toEqual({ ...first, renewTime: spec['renewTime'] });
    expect(us.events).toEqual(['leader is us', 'started']);
  });

  it('one request renews it: nobody has to look at what he holds', async () => {
    const { leases } = await leading();
    let looks = 0;
    leases.on('GET', (exchange) => {
      looks += 1;
      exchange.answer(leases.lease);
    });
    const before = leases.writes.length;
    await passInSteps(9 * SECOND_MS);
    expect(leases.writes.length - before).toBeGreaterThanOrEqual(3);
    expect(looks).toBe(0);
  });

  it('a write that somebody else made in between is no loss', async () => {
    const { leases, us } = await leading();
    leases.on('PUT', (exchange) => {
      leases.put(leases.lease?.spec ?? {}, { annotations: { touched: 'yes' } });
      leases.serve();
      exchange.refuse(409, { reason: 'Conflict' });
    });
    await passInSteps(2 * DEADLINE_MS);
    expect(us.events).toEqual(['leader is us', 'started']);
    expect(leases.lease?.metadata).toMatchObject({ annotations: { touched: 'yes' } });
  });

  it('a renewal whose answer is lost is no loss', async () => {
    const { leases, us } = await leading();
    leases.on('PUT', (exchange) => {
      leases.put((exchange.json as { spec: Spec }).spec);
      leases.serve();
      exchange.drop();
    });
    await passInSteps(2 * DEADLINE_MS);
    expect(us.events).toEqual(['leader is us', 'started']);
    expect(leases.writes.length).toBeGreaterThanOrEqual(5);
  });

  it('a Lease that somebody deletes is created again', async () => {
    const { leases, us } = await leading();
    leases.lease = undefined;
    await passInSteps(2 * DEADLINE_MS);
    expect(us.events).toEqual(['leader is us', 'started']);
    expect(leases.lease).toMatchObject({ spec: { holderIdentity: 'us' } });
  });

  it('a server that is away for less than the deadline is no loss', async () => {
    const { leases, us } = await leading();
    leases.fail((exchange) => exchange.drop());
    await passInSteps(6 * SECOND_MS);
    leases.serve();
    await passInSteps(2 * DEADLINE_MS);
    expect(us.events).toEqual(['leader is us', 'started']);
  });
});

describe('a Lease that cannot be renewed', () => {
  const silent = (): void => undefined;
  const failures: Record<string, (exchange: Exchange) => void> = {
    'because the server fails': (exchange) => exchange.refuse(500),
    'because we may not any more': (exchange) => exchange.refuse(403),
    'because the connection is cut': (exchange) => exchange.drop(),
    'because the server is silent': silent,
    'because the server asks us to wait for long': (exchange) =>
      exchange.refuse(429, {}, { 'retry-after': '60' }),
    'because it is deleted, and cannot be created': (exchange) =>
      exchange.method === 'GET' ? exchange.refuse(404) : silent(),
  };

  it.each(Object.entries(failures))('%s is given up within 10 s of its last renewal', async (_, fail) => {
    const connected = await leading();
    const { leases, us } = connected;
    leases.answerMs = 300;
    await passInSteps(5 * SECOND_MS);
    leases.fail(fail);
    const lastRenewal = leases.writes.at(-1)!.at;
    await expect(passUntil(us.result)).rejects.toThrow(LeaseLostError);
    expect(us.stoppedAt()! - lastRenewal).toBeLessThanOrEqual(DEADLINE_MS);
    expect(us.events).toEqual(['leader is us', 'started', 'stopping', 'ended', 'LeaseLostError']);
    expect(warnings(connected)).toContain('could not get or renew the Lease');
  });

  it.each(['silent', 'waiting'])('although only writes fail is given up in time: %s', async (how) => {
    const { leases, us } = await leading();
    leases.on('PUT', (exchange) => {
      if (how === 'waiting') exchange.refuse(429, {}, { 'retry-after': '60' });
    });
    const lastRenewal = leases.writes.at(-1)!.at;
    await expect(passUntil(us.result)).rejects.toThrow(
      'lost the Lease ours/everynode: it could not be renewed within 10 s. Start again to compete for it',
    );
    expect(us.stoppedAt()! - lastRenewal).toBeLessThanOrEqual(DEADLINE_MS);
  });

  it('is given up within 10 s of its last renewal, not of the answer to that', async () => {
    const { leases, us } = await leading();
    leases.answerMs = 4 * SECOND_MS;
    const renewals = leases.writes.length;
    await passUntilTrue(() => leases.writes.length > renewals);
    leases.fail(silent);
    const lastRenewal = leases.writes.at(-1)!.at;
    await expect(passUntil(us.result)).rejects.toThrow(LeaseLostError);
    expect(us.stoppedAt()! - lastRenewal).toBeLessThanOrEqual(DEADLINE_MS);
  });

  it('is not given back: it may be of another by now', async () => {
    const { server, leases, us } = await leading();
    leases.fail((exchange) => exchange.drop());
    await expect(passUntil(us.result)).rejects.toThrow(LeaseLostError);
    leases.serve();
    const requests = server.requests.length;
    await passInSteps(DEADLINE_MS);
    expect(server.requests).toHaveLength(requests);
  });
});

it('a Lease that another has taken is given up at the next look, and the loss says who holds it', async () => {
  const { leases, us } = await leading();
  const renewals = leases.writes.length;
  await passUntilTrue(() => leases.writes.length > renewals);
  leases.put({ holderIdentity: 'them', leaseDurationSeconds: 15 });
  const takenAt = performance.now();
  await expect(passUntil(us.result)).rejects.toThrow(
    /^lost the Lease ours\/everynode: .*; them holds it now/,
  );
  expect(performance.now() - takenAt).toBeLessThan(DEADLINE_MS / 2);
  expect(us.events).toEqual([
    'leader is us',
    'started',
    'leader is them',
    'stopping',
    'ended',
    'LeaseLostError',
  ]);
  expect(leases.lease?.spec).toEqual({ holderIdentity: 'them', leaseDurationSeconds: 15 });
});

describe('at the end', () => {
  it('the Lease is given back, after the leading has ended', async () => {
    const { leases, us } = await leading();
    const before = leases.lease?.spec;
    us.stop();
    await us.result;
    await settle();
    expect(us.events).toEqual(['leader is us', 'started', 'stopping', 'ended', 'resolved']);
    expect(leases.lease?.spec).toEqual({
      ...before,
      holderIdentity: '',
      leaseDurationSeconds: 1,
      renewTime: expect.any(String),
    });
  });

  it('of the leading by itself, the Lease is given back too', async () => {
    const { leases, us } = await leading();
    us.finish();
    await us.result;
    expect(leases.lease?.spec).toMatchObject({ holderIdentity: '' });
  });

  it('of the leading by an error, that error comes out, and the Lease is given back', async () => {
    const { leases, us } = await leading();
    const error = new Error('of the work');
    us.finish(error);
    await expect(us.result).rejects.toBe(error);
    expect(leases.lease?.spec).toMatchObject({ holderIdentity: '' });
  });

  const failures: Record<string, (exchange: Exchange) => void> = {
    'somebody else wrote': (exchange) => exchange.refuse(409, { reason: 'Conflict' }),
    'the connection is cut': (exchange) => exchange.drop(),
    'the server is silent': () => undefined,
    'the server asks us to wait': (exchange) => exchange.refuse(429, {}, { 'retry-after': '3600' }),
  };
  it.each(Object.entries(failures))('giving back may fail, because %s', async (_, fail) => {
    const connected = await leading();
    const { leases, us } = connected;
    leases.on('PUT', fail);
    const stoppedAt = performance.now();
    us.stop();
    await passUntil(us.result);
    expect(performance.now() - stoppedAt).toBeLessThan(20 * SECOND_MS);
    expect(us.events.at(-1)).toBe('resolved');
    expect(warnings(connected)).toEqual(['could not release the Lease; it runs out by itself']);
  });
});

it('those who want to know are told when we begin and when we cease to lead', async () => {
  const told: boolean[] = [];
  const connected = await connect();
  LeaseServer.at(connected.server);
  const us = candidate(connected, 'us', { onLeading: (isLeader) => told.push(isLeader) });
  await passUntilTrue(() => us.events.includes('started'));
  expect(told).toEqual([true]);
  us.stop();
  await us.result;
  expect(told).toEqual([true, false]);
});
