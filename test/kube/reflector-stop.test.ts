import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pass, restoreTime, settle, stopTime } from '../fakes/clock.ts';
import { added, follow, followed, object, page } from './watch-harness.ts';

beforeAll(stopTime);
afterAll(restoreTime);

/** Long enough for every back-off. */
const LONG_MS = 120_000;

describe('the signal ends a reflector', () => {
  it('that lists by a stream', async () => {
    const { server, calls, stop } = await follow();
    const watch = await server.next();
    watch.send(added('a', 3));
    await settle();
    await stop();
    await watch.closed;
    await pass(LONG_MS);
    expect(server.requests).toHaveLength(1);
    expect(calls).toEqual([]);
  });

  it('that waits for a page', async () => {
    const { server, calls, stop } = await follow();
    (await server.next()).refuse(422);
    (await server.next()).answer(page([object('a', 3)], 9, 'token-1'));
    const second = await server.next();
    await stop();
    await second.closed;
    await pass(LONG_MS);
    expect(server.requests).toHaveLength(3);
    expect(calls).toEqual([]);
  });

  it('that watches', async () => {
    const { server, watch, stop } = await followed();
    await stop();
    await watch.closed;
    await pass(LONG_MS);
    expect(server.requests).toHaveLength(1);
  });

  it('that waits for its next try', async () => {
    const { server, watch, stop } = await followed();
    watch.drop();
    await settle();
    await stop();
    await pass(LONG_MS);
    expect(server.requests).toHaveLength(1);
  });

  it('that waits after a watch without a word', async () => {
    const { server, watch, stop } = await followed();
    watch.end();
    (await server.next()).end();
    await settle();
    await stop();
    await pass(LONG_MS);
    expect(server.requests).toHaveLength(2);
  });

  it('without a word in the log', async () => {
    const { stop, logger } = await followed();
    await stop();
    expect(logger.lines).toEqual([]);
  });
});
