import { expect, it } from 'vitest';
import { ensureNamespace } from '../../src/kube/ensure-namespace.ts';
import { type Connected, connect } from './harness.ts';

async function withAnswers(get: number, post = 201, reason = ''): Promise<Connected> {
  const connected = await connect();
  connected.server.on('GET /api/v1/namespaces/ours', (exchange) =>
    get === 200 ? exchange.answer({}) : exchange.refuse(get),
  );
  connected.server.on('POST /api/v1/namespaces', (exchange) =>
    post === 201 ? exchange.answer({}, 201) : exchange.refuse(post, { reason }),
  );
  return connected;
}

const methods = ({ server }: Connected): readonly string[] => server.requests.map(({ method }) => method);

it('a namespace that is there is left alone', async () => {
  const connected = await withAnswers(200);
  expect(await ensureNamespace(connected.client, 'ours')).toBe(false);
  expect(methods(connected)).toEqual(['GET']);
});

it('a namespace that is not there is created', async () => {
  const connected = await withAnswers(404);
  expect(await ensureNamespace(connected.client, 'ours')).toBe(true);
  expect(connected.server.requests[1]?.json).toEqual({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'ours', labels: { 'app.kubernetes.io/name': 'everynode' } },
  });
});

it('one that we may not look at is taken to be there', async () => {
  const connected = await withAnswers(403);
  expect(await ensureNamespace(connected.client, 'ours')).toBe(false);
  expect(methods(connected)).toEqual(['GET']);
});

it('one that somebody else creates meanwhile is not ours, and no error', async () => {
  const { client } = await withAnswers(404, 409, 'AlreadyExists');
  expect(await ensureNamespace(client, 'ours')).toBe(false);
});

it.each([
  ['looked at', 422, 201, 422],
  ['created', 404, 403, 403],
])('fails when it cannot be %s', async (_, get, post, status) => {
  const { client } = await withAnswers(get, post);
  await expect(ensureNamespace(client, 'ours')).rejects.toMatchObject({ name: 'ApiError', status });
});
