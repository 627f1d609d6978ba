import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SESSION_LIMITS, type SessionLimits, Sessions } from '../../src/dashboard/sessions.ts';
import { UnreachableError } from '../../src/kube/errors.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { type Answer, FakeClient, inTurn, refusal } from '../syncloop/fake-client.ts';
import { ALLOWED, DENIED, NOBODY, reviewOf } from './reviews.ts';

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.secret.signature';
const KEY = 'the-key-of-the-link';
const MINUTE = 60_000;
const UNREACHABLE = new UnreachableError('the API server does not answer');

let logger = recordingLogger();

type Given = {
  readonly token?: Answer;
  readonly access?: Answer;
  readonly limits?: Partial<SessionLimits>;
  readonly key?: string;
};

function start({ token = reviewOf('ada'), access = ALLOWED, limits, key }: Given = {}): {
  readonly sessions: Sessions;
  readonly client: FakeClient;
} {
  const client = new FakeClient()
    .answer('create TokenReview', token)
    .answer('create SubjectAccessReview', access);
  const sessions = new Sessions({
    client,
    logger,
    limits: { ...SESSION_LIMITS, ...limits },
    ...(key !== undefined && { key }),
  });
  return { sessions, client };
}

beforeEach(() => {
  logger = recordingLogger();
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  for (const line of logger.lines) {
    const said = JSON.stringify(line) + String((line.fields as { err?: Error }).err);
    expect(said).not.toContain(TOKEN);
    expect(said).not.toContain(KEY);
  }
});

/** Lets the clock go on. */
function pass(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

describe('a token', () => {
  it('signs in whom the API server knows by it, if they may list DaemonSets everywhere', async () => {
    const { sessions, client } = start();
    const session = await sessions.signInByToken(TOKEN);
    expect(session.user).toBe('ada');
    expect(session.ended.aborted).toBe(false);
    expect(await sessions.find(session.id)).toBe(session);
    expect(client.summary).toEqual(['create TokenReview ', 'create SubjectAccessReview ']);
  });

  it('is no part of what names the session', async () => {
    const { sessions } = start();
    const [a, b] = [await sessions.signInByToken(TOKEN), await sessions.signInByToken(TOKEN)];
    expect(a.id).not.toBe(b.id);
    for (const { id } of [a, b, await sessions.ofToken(TOKEN)]) {
      expect(id).toMatch(/^[\w-]{43}$/);
      expect(TOKEN).not.toContain(id);
    }
  });

  it.each<[string, Given, number, string]>([
    [
      'is nobody’s, has ended or is meant for others',
      { token: NOBODY },
      401,
      'kubectl create token NAME -n NAMESPACE',
    ],
    ['was reviewed without an answer', { token: {} }, 401, 'does not accept this token'],
    [
      'gives no right to list',
      { access: DENIED },
      403,
      'ada may not list daemonsets in all namespaces; a ClusterRoleBinding',
    ],
    ['was asked for the right without an answer', { access: {} }, 403, 'ada may not list daemonsets'],
    ['cannot be reviewed: no answer', { token: UNREACHABLE }, 503, 'the API server does not answer'],
    [
      'cannot be asked for its rights: no answer',
      { access: UNREACHABLE },
      503,
      'the API server does not answer',
    ],
    [
      'cannot be reviewed: the API server fails',
      { token: refusal(500, 'InternalError') },
      503,
      'does not answer',
    ],
    [
      'cannot be reviewed: we may not',
      { token: refusal(403, 'Forbidden') },
      503,
      'everynode may not create tokenreviews',
    ],
    ['cannot be reviewed: we are not known', { token: refusal(401, 'Unauthorized') }, 503, 'the API server'],
  ])('that %s does not sign in', async (_, given, status, message) => {
    const { sessions } = start(given);
    const wanted = { name: 'RefusedError', status, message: expect.stringContaining(message) };
    await expect(sessions.signInByToken(TOKEN)).rejects.toMatchObject(wanted);
    await expect(sessions.ofToken(TOKEN)).rejects.toMatchObject(wanted);
  });

  it('that is too long is not even asked about', async () => {
    const { sessions, client } = start();
    await expect(sessions.signInByToken('x'.repeat(16_385))).rejects.toMatchObject({ status: 401 });
    expect(client.calls).toEqual([]);
    await sessions.signInByToken('x'.repeat(16_384));
  });

  it('waits for its turn with 429 when too many are asked about at once, and gives the turn back', async () => {
    const held = Promise.withResolvers<object>();
    const { sessions } = start({ token: () => held.promise, limits: { reviews: 2 } });
    const first = [sessions.signInByToken('a'), sessions.signInByToken('b')];
    await expect(sessions.signInByToken('c')).rejects.toMatchObject({ status: 429 });
    held.reject(UNREACHABLE);
    for (const each of first) await expect(each).rejects.toMatchObject({ status: 503 });
    await expect(sessions.signInByToken('c')).rejects.toMatchObject({ status: 503 });
  });
});

describe('a token with every request', () => {
  it('is reviewed once, and again when the answer is old', async () => {
    const { sessions, client } = start();
    const first = await sessions.ofToken(TOKEN);
    pass(MINUTE - 1);
    expect(await sessions.ofToken(TOKEN)).toBe(first);
    expect(client.callsOf('create TokenReview')).toHaveLength(1);
    pass(1);
    expect(await sessions.ofToken(TOKEN)).toBe(first);
    expect(client.callsOf('create TokenReview')).toHaveLength(2);
  });

  it('is reviewed once for requests that come at once, which all get the same session', async () => {
    const { sessions, client } = start({ limits: { reviews: 1 } });
    const all = await Promise.all([1, 2, 3].map(() => sessions.ofToken(TOKEN)));
    expect(new Set(all).size).toBe(1);
    expect(client.callsOf('create TokenReview')).toHaveLength(1);
    // Whoever has one of them is told when it ends.
    sessions.end(all[2] ?? { id: '' });
    for (const { ended } of all) expect(ended.aborted).toBe(true);
  });

  it('is refused to all of those, and asked about again by the next', async () => {
    const { sessions, client } = start({ token: inTurn(NOBODY, reviewOf('ada')) });
    const all = await Promise.allSettled([1, 2].map(() => sessions.ofToken(TOKEN)));
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await sessions.ofToken(TOKEN)).user).toBe('ada');
    expect(client.callsOf('create TokenReview')).toHaveLength(2);
  });

  it('that is revoked is refused from then on, and ends what hangs on it', async () => {
    const { sessions } = start({ token: inTurn(reviewOf('ada'), NOBODY) });
    const { ended } = await sessions.ofToken(TOKEN);
    pass(MINUTE);
    await expect(sessions.ofToken(TOKEN)).rejects.toMatchObject({ status: 401 });
    expect(ended.aborted).toBe(true);
  });
});

describe('a session', () => {
  it.each<[string, Given]>([
    ['whose token is revoked', { token: inTurn(reviewOf('ada'), NOBODY) }],
    ['whose right is taken away', { access: inTurn(ALLOWED, DENIED) }],
  ])('%s ends within a minute', async (_, given) => {
    const { sessions } = start(given);
    const { id, ended } = await sessions.signInByToken(TOKEN);
    pass(MINUTE - 1);
    expect(await sessions.find(id)).toBeDefined();
    expect(ended.aborted).toBe(false);
    pass(1);
    expect(await sessions.find(id)).toBeUndefined();
    expect(ended.aborted).toBe(true);
    expect(await sessions.find(id)).toBeUndefined();
  });

  it('goes on while the API server does not answer, for ten minutes, and again when it does', async () => {
    let reviews: object = reviewOf('ada');
    const { sessions } = start({ token: () => reviews });
    const session = await sessions.signInByToken(TOKEN);
    reviews = UNREACHABLE;
    pass(10 * MINUTE - 1);
    expect(await sessions.find(session.id)).toBe(session);
    pass(1);
    await expect(sessions.find(session.id)).rejects.toMatchObject({ status: 503 });
    expect(session.ended.aborted).toBe(false);
    reviews = reviewOf('ada');
    expect(await sessions.find(session.id)).toBe(session);
  });

  it('is asked about also while strangers take all the turns there are for them', async () => {
    const held = Promise.withResolvers<object>();
    const { sessions, client } = start({
      token: ({ body }) =>
        (body as { spec: { token: string } }).spec.token === TOKEN ? reviewOf('ada') : held.promise,
      limits: { reviews: 1 },
    });
    const session = await sessions.signInByToken(TOKEN);
    pass(MINUTE);
    const other = sessions.signInByToken('another');
    await expect(sessions.signInByToken('a third')).rejects.toMatchObject({ status: 429 });
    expect(await sessions.find(session.id)).toBe(session);
    expect(client.callsOf('create TokenReview')).toHaveLength(3);
    held.resolve(reviewOf('bea'));
    expect((await other).user).toBe('bea');
  });

  it('waits for a silent API server for a moment, and asks it a few times a minute', async () => {
    const silent = new Promise<object>(() => undefined);
    const { sessions, client } = start({
      token: inTurn(reviewOf('ada'), () => silent),
      limits: { patience: 1 },
    });
    const session = await sessions.signInByToken(TOKEN);
    pass(MINUTE);
    for (let times = 0; times < 20; times += 1) expect(await sessions.find(session.id)).toBe(session);
    expect(client.callsOf('create TokenReview')).toHaveLength(2);
  });

  it('is asked about again soon, and not with every request, after no answer', async () => {
    let reviews: object = reviewOf('ada');
    const { sessions, client } = start({ token: () => reviews });
    const session = await sessions.signInByToken(TOKEN);
    reviews = UNREACHABLE;
    pass(MINUTE);
    for (let seconds = 0; seconds < 30; seconds += 1) {
      expect(await sessions.find(session.id)).toBe(session);
      pass(1_000);
    }
    expect(client.callsOf('create TokenReview')).toHaveLength(1 + 3);
  });

  it('is asked about once for all who come at the same time', async () => {
    const { sessions, client } = start();
    const session = await sessions.signInByToken(TOKEN);
    pass(MINUTE);
    const found = await Promise.all([1, 2, 3].map(() => sessions.find(session.id)));
    expect(found).toEqual([session, session, session]);
    expect(client.callsOf('create TokenReview')).toHaveLength(2);
  });

  it('that is signed out while it is asked about stays so', async () => {
    const held = Promise.withResolvers<object>();
    const { sessions } = start({ token: inTurn(reviewOf('ada'), () => held.promise) });
    const session = await sessions.signInByToken(TOKEN);
    pass(MINUTE);
    const finding = sessions.find(session.id);
    sessions.end(session);
    held.resolve(reviewOf('ada'));
    expect(await finding).toBeUndefined();
  });

  it('lasts for twelve hours, with a token or with the key', async () => {
    const { sessions } = start({ key: KEY });
    const both = [await sessions.signInByToken(TOKEN), sessions.signInByKey(KEY)];
    pass(12 * 60 * MINUTE - 1);
    for (const session of both) expect(await sessions.find(session.id)).toBe(session);
    pass(1);
    for (const session of both) {
      expect(await sessions.find(session.id)).toBeUndefined();
      expect(session.ended.aborted).toBe(true);
    }
  });

  it('is not found by another name, and ends at once when it is signed out', async () => {
    const { sessions } = start();
    const session = await sessions.signInByToken(TOKEN);
    for (const id of ['', 'x', '__proto__', TOKEN]) {
      expect(await sessions.find(id)).toBeUndefined();
      sessions.end({ id });
    }
    expect(session.ended.aborted).toBe(false);
    sessions.end(session);
    expect(session.ended.aborted).toBe(true);
    expect(await sessions.find(session.id)).toBeUndefined();
  });

  it('that is the oldest of too many ends for the new one', async () => {
    const { sessions } = start({ key: KEY, limits: { sessions: 2 } });
    const [a, b, c] = [
      sessions.signInByKey(KEY),
      await sessions.signInByToken(TOKEN),
      await sessions.ofToken(TOKEN),
    ];
    expect([a, b, c].map(({ ended }) => ended.aborted)).toEqual([true, false, false]);
    expect(await sessions.find(a.id)).toBeUndefined();
    for (const session of [b, c]) expect(await sessions.find(session.id)).toBe(session);
  });
});

describe('the key', () => {
  it('signs in without a question to the API server', async () => {
    const { sessions, client } = start({ key: KEY });
    const session = sessions.signInByKey(KEY);
    pass(60 * MINUTE);
    expect(await sessions.find(session.id)).toBe(session);
    expect(client.calls).toEqual([]);
  });

  it.each(['', 'x', `${KEY} `, KEY.slice(1), KEY.toUpperCase(), 'x'.repeat(100_000)])(
    'is not this one: %.20s',
    (key) => {
      const { sessions } = start({ key: KEY });
      expect(() => sessions.signInByKey(key)).toThrow('this link is not (or no longer) good');
    },
  );

  it('opens nothing where there is none', () => {
    const { sessions } = start();
    for (const key of ['', 'undefined', KEY]) {
      expect(() => sessions.signInByKey(key)).toThrow(expect.objectContaining({ status: 401 }));
    }
  });
});

it('logs that the API server does not answer, and neither tokens nor keys', async () => {
  const { sessions } = start({ token: UNREACHABLE, key: KEY });
  await expect(sessions.signInByToken(TOKEN)).rejects.toThrow();
  sessions.signInByKey(KEY);
  expect(logger.lines).toMatchObject([{ level: 'warn', fields: { err: UNREACHABLE } }]);
});
