import { describe, expect, it } from 'vitest';
import type { FindingsAnswer } from '../../src/dashboard/wire.ts';
import { daemonSet, rollingUpdate } from '../builders/daemonset.ts';
import { newCertificates } from '../webhook/harness.ts';
import { NOBODY, reviewOf } from './reviews.ts';
import { type Answer, type Call, KEY, Served, TOKEN } from './served.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What nobody may see without a session. */
const DATA = [
  '/api/session',
  '/api/events',
  '/api/findings',
  '/api/explain?daemonSet=default/demo',
  '/api/explain?node=n1',
  '/api/explain',
  '/api/explain?node=a&node=b',
];

function expectRefused({ status, headers, json }: Answer, code: number, message: string): void {
  expect({ status, json }).toEqual({ status: code, json: { error: expect.stringContaining(message) } });
  expect(headers['cache-control']).toBe('no-store');
}

describe('without a session', () => {
  it.each(DATA)('%s is not answered', async (path) => {
    const served = await Served.start();
    const answer = await served.call(path);
    expectRefused(answer, 401, 'sign in first');
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it.each<[string, Record<string, string>]>([
    ['a cookie of nobody', { cookie: 'everynode-PORT=x' }],
    ['a cookie of another name', { cookie: 'x-everynode-PORT=x; everynode-PORT-2=y' }],
    ['an empty cookie', { cookie: 'everynode-PORT=' }],
    ['cookies that are none', { cookie: ';;=;everynode-PORT' }],
    ['another kind of authorization', { authorization: 'Basic YTpi' }],
    ['a bearer of nothing', { authorization: 'Bearer ' }],
    ['a bearer of two', { authorization: 'Bearer a b' }],
  ])('%s does not help', async (_, given) => {
    const served = await Served.start();
    const headers = JSON.parse(JSON.stringify(given).replaceAll('PORT', String(served.port))) as typeof given;
    expectRefused(await served.call('/api/findings', { headers }), 401, 'sign in first');
    expect(served.client.calls).toEqual([]);
  });

  it('nothing is said of the cluster before it has been read, for all would seem to be gone', async () => {
    const served = await Served.start({ waitsFor: () => 'the cluster to be read' });
    const headers = await served.signedIn();
    for (const path of ['/api/findings', '/api/explain?node=n1', '/api/explain?daemonSet=default/demo']) {
      expectRefused(await served.call(path, { headers }), 503, 'waits for the cluster to be read');
    }
  });

  it('a cookie is named by the port that the browser sees, which a forwarded one may be', async () => {
    const served = await Served.start();
    const headers = { 'content-type': 'application/json', host: 'localhost:9444' };
    const body = JSON.stringify({ key: KEY });
    const answer = await served.call('/api/session', { method: 'POST', headers, body });
    const [cookie = ''] = answer.headers['set-cookie']?.[0]?.split(';') ?? [];
    expect(cookie).toMatch(/^everynode-9444=/);
    const there = await served.call('/api/session', { headers: { cookie, host: 'localhost:9444' } });
    expect(there.status).toBe(200);
    const elsewhere = await served.call('/api/session', { headers: { cookie, host: 'localhost:9443' } });
    expect(elsewhere.status).toBe(401);
    const without = await served.call('/api/session', {
      method: 'POST',
      headers: { ...headers, host: 'a.example' },
      body,
    });
    expect(without.headers['set-cookie']?.[0]).toMatch(/^everynode-80=/);
  });

  it('files are served, and whether it is healthy and ready', async () => {
    let missing: string | undefined = 'the cluster to be read';
    const served = await Served.start({ waitsFor: () => missing });
    expect(await served.call('/')).toMatchObject({ status: 200, text: 'index' });
    expect(await served.call('/page.js')).toMatchObject({ status: 200, text: 'script' });
    expect(await served.call('/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
    expect(await served.call('/readyz')).toMatchObject({
      status: 503,
      text: 'waiting for the cluster to be read\n',
    });
    missing = undefined;
    expect(await served.call('/readyz')).toMatchObject({ status: 200, text: 'ok\n' });
  });
});

describe('every answer', () => {
  const calls: Record<string, readonly [string, Call?]> = {
    page: ['/'],
    script: ['/page.js'],
    health: ['/healthz'],
    'what is not there': ['/nothing'],
    'who is not signed in': ['/api/findings'],
    'a path that is none': ['/%ff'],
    'a body that is none': ['/api/session', { method: 'POST', headers: JSON_TYPE, body: '{' }],
    'a method that is not known': ['/api/findings', { method: 'PROPFIND' }],
    options: ['/api/session', { method: 'OPTIONS' }],
    head: ['/', { method: 'HEAD' }],
    'not modified': ['/', { headers: { 'if-none-match': '"index"' } }],
  };

  it.each(Object.entries(calls))('keeps the browser from more than it needs: %s', async (_, [path, call]) => {
    const served = await Served.start();
    const { headers } = await served.call(path, call);
    expect(headers).toMatchObject({
      'content-security-policy': POLICY,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    for (const name of ['x-powered-by', 'access-control-allow-origin', 'strict-transport-security']) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  it('says nothing of other ports of this host, over TLS neither', async () => {
    const served = await Served.start({ certificates: await newCertificates() });
    for (const path of ['/', '/nothing', '/api/findings']) {
      const { headers } = await served.call(path);
      expect(headers['content-security-policy']).toBe(POLICY);
      expect(headers).not.toHaveProperty('strict-transport-security');
    }
  });
});

describe('signing in', () => {
  it('by a token gives a cookie that scripts and other sites do not get', async () => {
    const served = await Served.start();
    const { status, headers, json } = await served.signIn({ token: ` ${TOKEN}\n` });
    expect({ status, json }).toEqual({
      status: 200,
      json: { user: 'ada', version: '1.2.3', cluster: 'https://there:6443' },
    });
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(/^everynode-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    expect(served.client.callsOf('create TokenReview')[0]?.body).toMatchObject({ spec: { token: TOKEN } });
    const [cookie = ''] = headers['set-cookie']?.[0]?.split(';') ?? [];
    expect((await served.call('/api/session', { headers: { cookie: `a=b; ${cookie} ; c=d` } })).json).toEqual(
      json,
    );
  });

  it('over TLS gives a cookie of this host alone, which goes back only encrypted', async () => {
    const served = await Served.start({ certificates: await newCertificates() });
    const { headers } = await served.signIn({ key: KEY });
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-everynode-\d+=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/),
    ]);
    const cookie = await served.signedIn();
    expect((await served.call('/api/session', { headers: cookie })).status).toBe(200);
    const plain = { cookie: cookie.cookie.replace('__Host-', '') };
    expect((await served.call('/api/session', { headers: plain })).status).toBe(401);
  });

  it('by the key of the link needs no token', async () => {
    const served = await Served.start();
    expect((await served.signIn({ key: KEY })).json).toMatchObject({ user: 'signed in by link' });
    expectRefused(await served.signIn({ key: 'x' }), 401, 'this link is not');
    expect(served.client.calls).toEqual([]);
  });

  it('with a bad token is refused, with what to do', async () => {
    const served = await Served.start();
    served.client.answer('create TokenReview', NOBODY);
    expectRefused(await served.signIn({ token: 'x' }), 401, 'kubectl create token');
    served.client.answer('create TokenReview', new Error('down'));
    const answer = await served.signIn({ token: 'x' });
    expectRefused(answer, 503, 'try again later');
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  const bodies: Record<string, readonly [Call, number]> = {
    'no body': [{}, 400],
    'an empty one': [{ headers: JSON_TYPE, body: '' }, 400],
    'no JSON': [{ headers: JSON_TYPE, body: '{"token"' }, 400],
    null: [{ headers: JSON_TYPE, body: 'null' }, 400],
    'a text': [{ headers: JSON_TYPE, body: '"token"' }, 400],
    'a list': [{ headers: JSON_TYPE, body: '[{"token":"x"}]' }, 400],
    'no token': [{ headers: JSON_TYPE, body: '{}' }, 400],
    'an empty token': [{ headers: JSON_TYPE, body: '{"token":" "}' }, 400],
    'a token that is a number': [{ headers: JSON_TYPE, body: '{"token":1}' }, 400],
    'a token that is an object': [{ headers: JSON_TYPE, body: '{"token":{"length":1}}' }, 400],
    'a key that is a list': [{ headers: JSON_TYPE, body: '{"key":["x"]}' }, 400],
    'an empty key': [{ headers: JSON_TYPE, body: '{"key":""}' }, 401],
    'a form': [{ headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'token=x' }, 400],
    'a text that other sites may send': [
      { headers: { 'content-type': 'text/plain' }, body: '{"token":"x"}' },
      400,
    ],
    'another charset': [
      { headers: { 'content-type': 'application/json; charset=x' }, body: '{"token":"x"}' },
      415,
    ],
    'another encoding': [{ headers: { ...JSON_TYPE, 'content-encoding': 'x' }, body: '{"token":"x"}' }, 415],
    'too large': [{ headers: JSON_TYPE, body: JSON.stringify({ token: 'x'.repeat(40_000) }) }, 413],
    'a bomb of __proto__': [{ headers: JSON_TYPE, body: '{"__proto__":{"token":"x"}}' }, 400],
  };

  it.each(Object.entries(bodies))('is not done by %s', async (_, [call, status]) => {
    const served = await Served.start();
    const answer = await served.call('/api/session', { method: 'POST', ...call });
    expectRefused(
      answer,
      status,
      status === 401 ? 'this link is not' : 'send {"token": "…"} as application/json',
    );
    expect(served.client.calls).toEqual([]);
    expect(served.logger.lines).toEqual([]);
  });

  it('with every request, by a token, is asked about once', async () => {
    const served = await Served.start();
    for (const authorization of [`Bearer ${TOKEN}`, `bearer   ${TOKEN}`]) {
      const { status, headers } = await served.call('/api/findings', { headers: { authorization } });
      expect(status).toBe(200);
      expect(headers).not.toHaveProperty('set-cookie');
    }
    expect(served.client.callsOf('create TokenReview')).toHaveLength(1);
  });
});

describe('signing out', () => {
  it('ends the session, and takes the cookie away', async () => {
    const served = await Served.start();
    const headers = await served.signedIn();
    const answer = await served.call('/api/session', { method: 'DELETE', headers });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^everynode-\d+=; Path=\/; Expires=Thu, 01 Jan 1970/),
    ]);
    expect((await served.call('/api/session', { headers })).status).toBe(401);
  });

  it('over TLS names the cookie as it was given, or browsers would keep it', async () => {
    const served = await Served.start({ certificates: await newCertificates() });
    const { headers } = await served.call('/api/session', {
      method: 'DELETE',
      headers: await served.signedIn(),
    });
    // A __Host- cookie is not taken, nor taken away, without Secure.
    expect(headers['set-cookie']?.[0]).toMatch(/^__Host-everynode-\d+=; .*Secure/);
  });

  it('of nobody is no fault', async () => {
    const served = await Served.start();
    expect((await served.call('/api/session', { method: 'DELETE' })).status).toBe(204);
  });
});

describe('files', () => {
  it('are not sent again to who has them', async () => {
    const served = await Served.start();
    const { headers } = await served.call('/');
    expect(headers).toMatchObject({
      etag: '"index"',
      'cache-control': 'no-cache',
      'content-type': 'text/html; charset=utf-8',
    });
    for (const tag of ['"index"', 'W/"index"', '"other", "index"', '*']) {
      const again = await served.call('/index.html', { headers: { 'if-none-match': tag } });
      expect({ tag, status: again.status, text: again.text }).toEqual({ tag, status: 304, text: '' });
      expect(again.headers).toMatchObject({ etag: '"index"', 'cache-control': 'no-cache' });
    }
    expect((await served.call('/', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  it.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '/..\\package.json',
    '/page.js/',
    '/page.js%00',
    '//page.js',
    '/PAGE.JS',
    '/__proto__',
    '/constructor',
    '/api/',
    '/api/nothing',
    '/index.html/../../etc/passwd',
  ])('are none besides those of the page: %s', async (path) => {
    expectRefused(await (await Served.start()).call(path), 404, 'there is nothing here; the page is at /');
  });

  it.each(['/%', '/%ff', '/api/%zz'])(
    'have no path such as %s, which is nobody’s fault here',
    async (path) => {
      const served = await Served.start();
      expectRefused(await served.call(path), 404, 'there is nothing here');
      expect(served.logger.lines).toEqual([]);
    },
  );
});

describe('methods', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s changes nothing anywhere', async (method) => {
    const served = await Served.start();
    const headers = await served.signedIn();
    for (const path of ['/', '/page.js', '/api/events', '/api/findings', '/api/explain', '/healthz']) {
      expectRefused(await served.call(path, { method, headers }), 404, 'there is nothing here');
    }
  });

  it('HEAD is GET without the body, and begins no stream', async () => {
    const served = await Served.start();
    const headers = await served.signedIn();
    for (const path of ['/', '/healthz', '/api/session', '/api/findings', '/api/events']) {
      const answer = await served.call(path, { method: 'HEAD', headers });
      expect({ path, status: answer.status, text: answer.text }).toEqual({ path, status: 200, text: '' });
    }
    expect(served.streams.size).toBe(0);
    expect((await served.call('/api/events', { method: 'HEAD' })).status).toBe(401);
  });
});

describe('/api/explain', () => {
  it('tells of one DaemonSet on one node, of one on all, and of all on one', async () => {
    const served = await Served.start();
    const headers = await served.signedIn();
    const cell = await served.call('/api/explain?daemonSet=default/demo&node=n1', { headers });
    expect(cell).toMatchObject({ status: 200, json: { daemonSet: 'default/demo', node: 'n1' } });
    expect(cell.headers['cache-control']).toBe('no-store');
    const whole = await served.call('/api/explain?daemonSet=default%2Fdemo&node=', { headers });
    expect(whole).toMatchObject({ status: 200, json: { daemonSet: 'default/demo' } });
    expect(whole.json).not.toHaveProperty('nodes');
    const node = await served.call('/api/explain?node=n2', { headers });
    expect(node).toMatchObject({
      status: 200,
      json: { node: 'n2', daemonSets: [{ daemonSet: 'default/demo', node: 'n2' }] },
    });
  });

  it.each<[string, number, string]>([
    ['', 400, '?daemonSet=NAMESPACE/NAME, &node=NODE or both'],
    ['?daemonSet=&node=', 400, 'name what is to be explained'],
    ['?daemonSet[]=default/demo', 400, 'name what is to be explained'],
    ['?daemonSet=default/demo&daemonSet=default/demo', 400, 'give daemonSet once'],
    ['?node=n1&node=n1', 400, 'give node once'],
    ['?daemonSet=demo', 404, 'there is no DaemonSet demo (any more)'],
    ['?daemonSet=default/gone', 404, 'there is no DaemonSet default/gone (any more)'],
    ['?daemonSet=default/demo&node=gone', 404, 'there is no node gone (any more)'],
    ['?node=gone', 404, 'there is no node gone (any more)'],
    ['?node=__proto__', 404, 'there is no node __proto__ (any more)'],
    ['?node=%ff', 404, 'there is no node'],
  ])('refuses %s', async (query, status, message) => {
    const served = await Served.start();
    expectRefused(
      await served.call(`/api/explain${query}`, { headers: await served.signedIn() }),
      status,
      message,
    );
  });

  it('says what is wrong with a DaemonSet that means nothing, and tells of the others of a node', async () => {
    const broken = daemonSet({ name: 'broken', strategy: rollingUpdate({ maxUnavailable: 'some' }) });
    const served = await Served.start({ daemonSets: [broken, daemonSet()] });
    const headers = await served.signedIn();
    const cell = await served.call('/api/explain?daemonSet=default/broken&node=n1', { headers });
    expectRefused(cell, 422, 'spec.updateStrategy.rollingUpdate.maxUnavailable: "some" is neither');
    const { status, json } = await served.call('/api/explain?node=n1', { headers });
    expect(status).toBe(200);
    expect(json).toMatchObject({ node: 'n1', daemonSets: [{ daemonSet: 'default/demo' }] });
    expect(served.logger.lines).toEqual([]);
  });
});

describe('/api/findings', () => {
  it('are what was found last', async () => {
    const served = await Served.start();
    const { json, headers } = await served.call('/api/findings', { headers: await served.signedIn() });
    expect(json).toEqual({ findings: [], suppressed: [], pending: 3 });
    expect(headers['cache-control']).toBe('no-store');
  });

  it('that cannot be given are a fault of ours: it is logged, and the browser learns nothing of it', async () => {
    const findings = async (): Promise<FindingsAnswer> => {
      throw new Error('a bug with a secret');
    };
    const served = await Served.start({ findings });
    const answer = await served.call('/api/findings', { headers: await served.signedIn() });
    expectRefused(answer, 500, 'the log of everynode says what');
    expect(answer.text).not.toContain('secret');
    expect(served.logger.lines).toMatchObject([
      { level: 'error', fields: { err: { message: 'a bug with a secret' } } },
    ]);
  });
});

it('no token, key or session is ever logged', async () => {
  const served = await Served.start();
  const { cookie } = await served.signedIn();
  await served.signIn({ token: TOKEN });
  served.client.answer('create TokenReview', new Error('down'));
  await served.signIn({ token: `${TOKEN}-2` });
  served.client.answer('create TokenReview', reviewOf('ada'));
  await served.call('/api/findings', { headers: { authorization: `Bearer ${TOKEN}-3` } });
  const said = JSON.stringify(served.logger.lines);
  for (const secret of [TOKEN, KEY, cookie.split('=')[1] ?? '']) expect(said).not.toContain(secret);
});
