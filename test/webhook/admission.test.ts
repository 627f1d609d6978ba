import { apply_patch as applyPatch } from 'jsonpatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdmissionResponse, JsonPatchOperation } from '../../src/api/admission.ts';
import { daemonTolerations } from '../../src/core/placement/daemon-tolerations.ts';
import { pinToNode } from '../../src/core/placement/pin-to-node.ts';
import { fixture, newCertificates, type Review, Webhook } from './harness.ts';

let webhook: Webhook;

beforeAll(async () => {
  webhook = await Webhook.start(await newCertificates());
});
afterAll(() => webhook.server.close());

function operationsOf({ patch }: AdmissionResponse): JsonPatchOperation[] {
  return JSON.parse(Buffer.from(patch ?? '', 'base64').toString('utf8')) as JsonPatchOperation[];
}

function withObject(review: Review, object: object): Review {
  return { ...review, request: { ...review.request, object } };
}

describe('AdmissionReviews of a real API server', () => {
  it.each(['/mutate', '/validate'] as const)('%s allows a sound DaemonSet and says no more', async (path) => {
    const review = fixture('daemonset-create');
    expect(await webhook.review(path, review)).toEqual({ uid: review.request.uid, allowed: true });
  });

  it.each(['/mutate', '/validate'] as const)('%s denies a changed selector in our words', async (path) => {
    const { uid, allowed, status, patch } = await webhook.review(path, fixture('daemonset-selector-changed'));
    expect({ uid, allowed, patch }).toEqual({
      uid: fixture('daemonset-selector-changed').request.uid,
      allowed: false,
      patch: undefined,
    });
    expect(status).toMatchObject({ status: 'Failure', code: 422, reason: 'Invalid' });
    expect(status?.message).toContain(
      '[selector-immutable] spec.selector: cannot change from "app=guarded" to "app=guarded,tier=node"',
    );
    expect(status?.details).toMatchObject({ group: 'apps', kind: 'DaemonSet', name: 'guarded' });
  });

  it('names every broken rule, with its field, as a cause of its own', async () => {
    const { status } = await webhook.review('/mutate', fixture('daemonset-two-rules-broken'));
    expect(status?.details?.causes.map(({ field, reason }) => [field, reason])).toEqual([
      ['spec.template.metadata.labels', 'FieldValueInvalid'],
      ['spec.template.spec.restartPolicy', 'FieldValueInvalid'],
    ]);
    for (const [at, rule] of ['selector-matches-template', 'restart-policy'].entries()) {
      expect(status?.message).toContain(`[${rule}] `);
      // What kubectl prints.
      expect(status?.details?.causes[at]?.message).toMatch(new RegExp(`\\[${rule}\\]$`));
    }
  });

  it('pins a Pod to the node of its annotation and makes it tolerate what daemons tolerate', async () => {
    const review = fixture('pod-named-by-annotation');
    const response = await webhook.review('/mutate', review);
    expect(response).toMatchObject({ uid: review.request.uid, allowed: true, patchType: 'JSONPatch' });
    const operations = operationsOf(response);
    // The API server has given it the two default tolerations, which end after 300 s.
    expect(operations.map(({ op, path }) => `${op} ${path}`)).toEqual([
      'add /spec/affinity',
      'replace /spec/tolerations/0',
      'replace /spec/tolerations/1',
      ...Array.from({ length: 4 }, () => 'add /spec/tolerations/-'),
    ]);
    const before = review.request.object as { spec: object };
    const after = applyPatch(before, operations);
    expect(after).toEqual({
      ...before,
      spec: { ...before.spec, affinity: pinToNode(undefined, 'n1'), tolerations: daemonTolerations({}) },
    });
    const again = await webhook.review('/mutate', withObject(review, after));
    expect(again).toEqual({ uid: review.request.uid, allowed: true });
    expect(await webhook.review('/validate', withObject(review, after))).toEqual(again);
  });

  it('keeps the preferences of a Pod that is bound already', async () => {
    const operations = operationsOf(await webhook.review('/mutate', fixture('pod-bound')));
    expect(operations[0]).toMatchObject({
      op: 'add',
      path: '/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution',
    });
  });

  it('denies a Pod that names no node', async () => {
    const { allowed, status } = await webhook.review('/mutate', fixture('pod-names-no-node'));
    expect(allowed).toBe(false);
    expect(status?.details?.causes[0]?.message).toContain('[pod-names-no-node]');
  });

  it('answers a dry run as the real thing', async () => {
    const review = fixture('daemonset-selector-changed');
    const dryRun = { ...review, request: { ...review.request, dryRun: true } };
    expect(await webhook.review('/mutate', dryRun)).toEqual(await webhook.review('/mutate', review));
  });

  it('accepts the timeout that the API server adds to the path', async () => {
    const body = JSON.stringify(fixture('daemonset-create'));
    expect((await webhook.call('/mutate?timeout=5s', { body })).status).toBe(200);
  });

  it('answers two hundred at once, each with its own uid', async () => {
    const review = fixture('pod-named-by-annotation');
    const uids = Array.from({ length: 200 }, (_, at) => `uid-${at}`);
    const answers = await Promise.all(
      uids.map((uid) => webhook.review('/mutate', { ...review, request: { ...review.request, uid } })),
    );
    expect(answers.map(({ uid }) => uid)).toEqual(uids);
    expect(new Set(answers.map(({ patch }) => patch)).size).toBe(1);
  });
});

describe('the log', () => {
  it('tells of a denial whom it met and by which rules, and nothing of the object', async () => {
    await webhook.review('/mutate', fixture('daemonset-two-rules-broken'));
    const line = webhook.logger.lines.findLast(({ message }) => message === 'denied');
    expect(line).toMatchObject({
      level: 'info',
      fields: {
        kind: 'DaemonSet',
        namespace: 'default',
        rules: ['selector-matches-template', 'restart-policy'],
      },
    });
    expect(JSON.stringify(line)).not.toContain('registry.k8s.io');
  });
});

describe('a decision that goes wrong', () => {
  it('is HTTP 500, so that the failurePolicy decides, logged with its uid, and the server goes on', async () => {
    const failing = await Webhook.start(await newCertificates(), {
      decide: () => {
        throw new Error('a bug');
      },
    });
    try {
      const review = fixture('daemonset-create');
      const { status, body } = await failing.call('/mutate', { body: JSON.stringify(review) });
      expect(status).toBe(500);
      expect(body).not.toContain('a bug');
      expect(failing.logger.lines).toMatchObject([
        { level: 'error', fields: { uid: review.request.uid, err: { message: 'a bug' } } },
      ]);
      expect((await failing.call('/healthz', { method: 'GET' })).status).toBe(200);
    } finally {
      await failing.server.close();
    }
  });
});

describe('warnings', () => {
  it('reach the user once each and in at most 120 characters, and the request is allowed', async () => {
    const long = { rule: 'r', level: 'warn', path: 'spec', message: 'x'.repeat(300) } as const;
    const short = { rule: 's', level: 'warn', path: 'spec.a', message: 'is odd; change it' } as const;
    const warning = await Webhook.start(await newCertificates(), {
      decide: () => ({ allowed: true, patch: [], violations: [long, short, long, short] }),
    });
    try {
      const { allowed, warnings, status } = await warning.review('/validate', fixture('daemonset-create'));
      expect({ allowed, status }).toEqual({ allowed: true, status: undefined });
      expect(warnings).toEqual([expect.stringMatching(/^\[r\] spec: x+…$/), '[s] spec.a: is odd; change it']);
      expect(warnings?.[0]).toHaveLength(120);
    } finally {
      await warning.server.close();
    }
  });
});
