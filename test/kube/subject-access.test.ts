import { describe, expect, it } from 'vitest';
import { mayAccess, ownerOfToken, type Subject } from '../../src/kube/subject-access.ts';
import { connect } from './harness.ts';

const TOKEN_REVIEWS = 'POST /apis/authentication.k8s.io/v1/tokenreviews';
const ACCESS_REVIEWS = 'POST /apis/authorization.k8s.io/v1/subjectaccessreviews';
const LIST = { verb: 'list', group: 'apps', resource: 'daemonsets' };

const ADA: Subject = {
  username: 'system:serviceaccount:team:ada',
  uid: '1234',
  groups: ['system:serviceaccounts', 'system:authenticated'],
  extra: { 'authentication.kubernetes.io/pod-name': ['p1'] },
};

describe('ownerOfToken', () => {
  it('sends the token in a TokenReview, and gives back whose it is', async () => {
    const { server, client } = await connect();
    server.on(TOKEN_REVIEWS, (exchange) =>
      exchange.answer({ status: { authenticated: true, user: ADA, audiences: ['api'] } }, 201),
    );
    expect(await ownerOfToken(client, 'the token')).toEqual(ADA);
    expect(server.requests.map(({ json }) => json)).toEqual([
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: 'the token' } },
    ]);
  });

  it.each<[string, object]>([
    ['that it is not', { status: { authenticated: false, user: ADA, error: 'token has expired' } }],
    ['only who it would be', { status: { user: ADA } }],
    ['no status', {}],
    ['that it is, as a text', { status: { authenticated: 'true', user: ADA } }],
  ])('knows nobody where the API server says %s', async (_, answer) => {
    const { server, client } = await connect();
    server.on(TOKEN_REVIEWS, (exchange) => exchange.answer(answer, 201));
    expect(await ownerOfToken(client, 'x')).toBeUndefined();
  });

  it('fails where we may not ask', async () => {
    const { server, client } = await connect();
    server.on(TOKEN_REVIEWS, (exchange) => exchange.refuse(403, { reason: 'Forbidden' }));
    await expect(ownerOfToken(client, 'x')).rejects.toMatchObject({ name: 'ApiError', status: 403 });
  });
});

describe('mayAccess', () => {
  it('asks by name, uid, groups and extra of the subject, in all namespaces', async () => {
    const { server, client } = await connect();
    server.on(ACCESS_REVIEWS, (exchange) => exchange.answer({ status: { allowed: true } }, 201));
    expect(await mayAccess(client, ADA, LIST)).toBe(true);
    const { username: user, uid, groups, extra } = ADA;
    expect(server.requests.map(({ json }) => json)).toEqual([
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user, uid, groups, extra, resourceAttributes: LIST },
      },
    ]);
  });

  it('says no more of a subject than is known', async () => {
    const { server, client } = await connect();
    server.on(ACCESS_REVIEWS, (exchange) => exchange.answer({ status: { allowed: true } }, 201));
    await mayAccess(client, { username: 'ada' }, LIST);
    const [sent] = server.requests.map(({ json }) => json);
    expect(sent).toHaveProperty('spec', { user: 'ada', resourceAttributes: LIST });
  });

  it.each<[string, object]>([
    ['that they may not', { status: { allowed: false, denied: true } }],
    ['that it could not find out', { status: { allowed: false, evaluationError: 'no such role' } }],
    ['no status', {}],
    ['that they may, as a text', { status: { allowed: 'true' } }],
  ])('is false where the API server says %s', async (_, answer) => {
    const { server, client } = await connect();
    server.on(ACCESS_REVIEWS, (exchange) => exchange.answer(answer, 201));
    expect(await mayAccess(client, ADA, LIST)).toBe(false);
  });
});
