import { describe, expect, it } from 'vitest';
import { UnreachableError } from '../../src/kube/errors.ts';
import { type Connected, connect } from './harness.ts';

const SIGNAL = new AbortController().signal;

function lines({ transport }: Connected, signal = SIGNAL): AsyncIterator<Buffer> {
  return transport.stream({ path: '/watch', query: { watch: true }, signal })[Symbol.asyncIterator]();
}

const textOf = ({ value, done }: IteratorResult<Buffer>): string => (done ? '(end)' : value.toString());

describe('a stream', () => {
  it('gives each line as it comes, and ends with the answer', async () => {
    const connected = await connect();
    const stream = lines(connected);
    const first = stream.next();
    const exchange = await connected.server.next();
    expect(exchange.query).toEqual({ watch: 'true' });
    exchange.write('one\ntw');
    expect(textOf(await first)).toBe('one');
    const second = stream.next();
    exchange.write('o\n');
    expect(textOf(await second)).toBe('two');
    const end = stream.next();
    exchange.end();
    expect(textOf(await end)).toBe('(end)');
  });

  it.each([400, 410, 422, 429, 500])(
    'that is refused with %d is not tried again: the reader decides',
    async (code) => {
      const connected = await connect();
      connected.server.on('GET /watch', (exchange) =>
        exchange.refuse(code, { reason: 'Because' }, { 'retry-after': '5' }),
      );
      await expect(lines(connected).next()).rejects.toMatchObject({
        name: 'ApiError',
        status: code,
        reason: 'Because',
        retryAfterSeconds: 5,
      });
      expect(connected.server.requests).toHaveLength(1);
    },
  );

  it('that is refused with 401 makes the next one get new credentials', async () => {
    let token = 1;
    const connected = await connect({
      headers: async () => ({ authorization: `Bearer ${token}` }),
      refresh: () => void (token += 1),
    });
    connected.server.on('GET /watch', (exchange) => {
      if (exchange.headers.authorization === 'Bearer 2') exchange.write('in\n');
      else exchange.refuse(401);
    });
    await expect(lines(connected).next()).rejects.toMatchObject({ status: 401 });
    expect(textOf(await lines(connected).next())).toBe('in');
  });

  it('tells that it is open as soon as the server says so, before the first line, and not of a refusal', async () => {
    const connected = await connect();
    const opened = Promise.withResolvers<void>();
    const options = { path: '/watch', signal: SIGNAL, onOpen: opened.resolve };
    const first = connected.transport.stream(options)[Symbol.asyncIterator]().next();
    const exchange = await connected.server.next();
    exchange.write();
    await opened.promise;
    exchange.write('one\n');
    expect(textOf(await first)).toBe('one');

    connected.server.on('GET /watch', (refused) => refused.refuse(403));
    const onOpen = (): never => expect.unreachable();
    const refused = connected.transport.stream({ ...options, onOpen })[Symbol.asyncIterator]();
    await expect(refused.next()).rejects.toMatchObject({ status: 403 });
  });

  it('whose connection is cut fails after the lines that came', async () => {
    const connected = await connect();
    const stream = lines(connected);
    const first = stream.next();
    const exchange = await connected.server.next();
    exchange.write('one\n');
    expect(textOf(await first)).toBe('one');
    const second = stream.next();
    exchange.drop();
    await expect(second).rejects.toThrow(UnreachableError);
  });

  it('lets go of its connection when the reader stops reading', async () => {
    const connected = await connect();
    const stream = lines(connected);
    const first = stream.next();
    const exchange = await connected.server.next();
    exchange.write('one\ntwo\n');
    await first;
    await stream.return?.();
    await exchange.closed;
  });
});

describe('the signal of a stream', () => {
  const reason = new Error('enough');

  it('ends one that has not begun', async () => {
    const connected = await connect();
    await expect(lines(connected, AbortSignal.abort(reason)).next()).rejects.toBe(reason);
    expect(connected.server.requests).toEqual([]);
  });

  it('ends one that waits for the first line', async () => {
    const connected = await connect();
    const stop = new AbortController();
    const first = lines(connected, stop.signal).next();
    const exchange = await connected.server.next();
    stop.abort(reason);
    await expect(first).rejects.toBe(reason);
    await exchange.closed;
  });

  it('ends one between two lines', async () => {
    const connected = await connect();
    const stop = new AbortController();
    const stream = lines(connected, stop.signal);
    const first = stream.next();
    const exchange = await connected.server.next();
    exchange.write('one\n');
    await first;
    const second = stream.next();
    stop.abort(reason);
    await expect(second).rejects.toBe(reason);
    await exchange.closed;
  });
});
