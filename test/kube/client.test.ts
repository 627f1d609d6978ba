import { describe, expect, it } from 'vitest';
import { DAEMONSETS, NODES, PODS, type ResourceKind } from '../../src/api/kinds.ts';
import { type Client, collectionOf } from '../../src/kube/client.ts';
import type { Exchange } from '../fakes/api-server.ts';
import { connect } from './harness.ts';

const KEY = { namespace: 'kube-system', name: 'fluentd' };

/** The request that a call makes. */
async function sent(call: (client: Client) => Promise<unknown>): Promise<Exchange> {
  const { server, client } = await connect();
  const [exchange] = await Promise.all([
    server.next().then((exchange) => {
      exchange.answer({ kind: 'Any' });
      return exchange;
    }),
    call(client),
  ]);
  return exchange;
}

const calls: Record<string, [call: (client: Client) => Promise<unknown>, route: string]> = {
  'get in a namespace': [
    (client) => client.get(DAEMONSETS, KEY),
    'GET /apis/apps/v1/namespaces/kube-system/daemonsets/fluentd',
  ],
  'get of the core group': [
    (client) => client.get(PODS, KEY),
    'GET /api/v1/namespaces/kube-system/pods/fluentd',
  ],
  'get of the whole cluster': [(client) => client.get(NODES, { name: 'n1' }), 'GET /api/v1/nodes/n1'],
  'get by a record, which says more than a key': [
    (client) => client.get(NODES, { name: 'n1', uid: 'u', labels: {} } as { name: string }),
    'GET /api/v1/nodes/n1',
  ],
  'list of all namespaces': [(client) => client.list(PODS), 'GET /api/v1/pods'],
  'list of one namespace': [
    (client) => client.list(PODS, { namespace: 'a' }),
    'GET /api/v1/namespaces/a/pods',
  ],
  'create in a namespace': [(client) => client.create(PODS, 'a', {}), 'POST /api/v1/namespaces/a/pods'],
  'create in the cluster': [(client) => client.create(NODES, '', {}), 'POST /api/v1/nodes'],
  update: [(client) => client.update(PODS, KEY, {}), 'PUT /api/v1/namespaces/kube-system/pods/fluentd'],
  patch: [
    (client) => client.patch(PODS, KEY, {}, { type: 'merge' }),
    'PATCH /api/v1/namespaces/kube-system/pods/fluentd',
  ],
  'patch of the status': [
    (client) => client.patch(PODS, KEY, {}, { type: 'merge', subresource: 'status' }),
    'PATCH /api/v1/namespaces/kube-system/pods/fluentd/status',
  ],
  delete: [(client) => client.delete(PODS, KEY), 'DELETE /api/v1/namespaces/kube-system/pods/fluentd'],
  'names that are no plain text': [
    (client) => client.get(PODS, { namespace: 'a/b', name: '../c?d#e' }),
    'GET /api/v1/namespaces/a%2Fb/pods/..%2Fc%3Fd%23e',
  ],
};
it.each(Object.entries(calls))('%s', async (_, [call, route]) => {
  expect((await sent(call)).route).toBe(route);
});

it('a list asks for what its options say, and nothing else', async () => {
  const options = { namespace: 'a', labelSelector: 'app=b', limit: 500, continue: 'token' };
  expect((await sent((client) => client.list(PODS, options))).query).toEqual({
    labelSelector: 'app=b',
    limit: '500',
    continue: 'token',
  });
  expect((await sent((client) => client.list(PODS))).query).toEqual({});
});

describe('a patch', () => {
  it.each([
    ['merge', 'application/merge-patch+json'],
    ['strategic', 'application/strategic-merge-patch+json'],
    ['json', 'application/json-patch+json'],
    ['apply', 'application/apply-patch+yaml'],
  ] as const)('of type %s goes out as %s', async (type, contentType) => {
    const exchange = await sent((client) => client.patch(PODS, KEY, [{ op: 'test' }], { type }));
    expect(exchange.headers['content-type']).toBe(contentType);
    expect(exchange.json).toEqual([{ op: 'test' }]);
    expect(exchange.query).toEqual({});
  });

  it('names its manager', async () => {
    const exchange = await sent((client) =>
      client.patch(PODS, KEY, {}, { type: 'apply', fieldManager: 'everynode', force: true }),
    );
    expect(exchange.query).toEqual({ fieldManager: 'everynode', force: 'true' });
  });
});

describe('a delete', () => {
  it('of one object and no other of that name', async () => {
    const exchange = await sent((client) =>
      client.delete(PODS, KEY, { uid: 'u1', propagationPolicy: 'Foreground' }),
    );
    expect(exchange.json).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: 'u1' },
      propagationPolicy: 'Foreground',
    });
  });

  it('without options has no preconditions', async () => {
    expect((await sent((client) => client.delete(PODS, KEY))).json).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
    });
  });
});

it('an update may have its own time limit', async () => {
  const { client } = await connect();
  await expect(client.update(PODS, KEY, {}, { timeoutMs: 20 })).rejects.toThrow('no answer in time');
});

it.each([
  ['get', (client: Client, signal: AbortSignal) => client.get(PODS, KEY, signal)],
  ['list', (client: Client, signal: AbortSignal) => client.list(PODS, {}, signal)],
  ['update', (client: Client, signal: AbortSignal) => client.update(PODS, KEY, {}, { signal })],
])('the signal ends a %s', async (_, call) => {
  const { server, client } = await connect();
  const stop = new AbortController();
  const result = call(client, stop.signal);
  const exchange = await server.next();
  stop.abort(new Error('enough'));
  await expect(result).rejects.toThrow('enough');
  await exchange.closed;
});

it('a watch gives the lines of a collection', async () => {
  const { server, client } = await connect();
  const { signal } = new AbortController();
  const watch = client.watch(PODS, { namespace: 'a', signal, query: { watch: true, labelSelector: 'b' } });
  const first = watch[Symbol.asyncIterator]().next();
  const exchange = await server.next();
  expect([exchange.route, exchange.query]).toEqual([
    'GET /api/v1/namespaces/a/pods',
    { watch: 'true', labelSelector: 'b' },
  ]);
  exchange.write('{"type":"ADDED"}\n');
  expect((await first).value?.toString()).toBe('{"type":"ADDED"}');
});

it('a collection of the whole cluster is never looked for in a namespace', () => {
  const kind: ResourceKind = { apiVersion: 'g/v2', kind: 'Thing', plural: 'things', namespaced: false };
  expect(collectionOf(kind, 'a')).toBe('/apis/g/v2/things');
});
