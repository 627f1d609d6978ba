import { Agent } from 'node:https';
import * as fc from 'fast-check';
import { apply_patch as applyPatch } from 'jsonpatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdmissionRequest, AdmissionResponse, JsonPatchOperation } from '../../src/api/admission.ts';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import { type AdmissionContext, decide, type Phase } from '../../src/core/admission/decide.ts';
import { practices } from '../../src/core/admission/practices/index.ts';
import { DEFAULT_SETTINGS } from '../../src/core/admission/settings.ts';
import { decodeReview, encodeVerdict } from '../../src/webhook/admission-review.ts';
import { clusterOf, workload } from '../builders/cluster-view.ts';
import { node } from '../builders/node.ts';
import { type CorpusRequest, corpusRequest, corpusReview } from './corpus.ts';
import { type Answer, fixture, newCertificates, Webhook } from './harness.ts';

/** The same requests every time, unless another seed is asked for. */
const SEED = Number(process.env['EVERYNODE_CORPUS_SEED'] ?? 20_261_121);
const REQUESTS = Number(process.env['EVERYNODE_CORPUS_REQUESTS'] ?? 10_000);
const AT_ONCE = 20;

/** Every rule speaks, and sees a cluster in which there is something to clash with. */
const CONTEXT: AdmissionContext = {
  settings: {
    ...DEFAULT_SETTINGS,
    rules: Object.fromEntries(practices.map(({ id }) => [id, 'warn'])),
    extraTolerations: [{ tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }] }],
  },
  cluster: clusterOf({
    daemonSets: [storedDaemonSet('guarded'), storedDaemonSet('other')],
    nodes: [node('a'), node('b')],
    workloads: [workload('Deployment', 'guarded')],
  }),
};

function storedDaemonSet(name: string): DaemonSet {
  const daemonSet = fixture('daemonset-create').request.object as DaemonSet;
  return {
    ...daemonSet,
    metadata: { ...daemonSet.metadata, name, uid: `uid-${name}`, resourceVersion: '1' },
  };
}

let webhook: Webhook;

beforeAll(async () => {
  webhook = await Webhook.start(await newCertificates(), {
    decide: (phase, request) => decide(phase, request, CONTEXT),
  });
});
afterAll(() => webhook.server.close());

type Body = { readonly request: { readonly uid: string; readonly object?: unknown } };

/** What kube-apiserver requires of an answer, and that a patch is one of this object. */
function assertAnswers(response: AdmissionResponse, { request }: Body): void {
  const { uid, allowed, status, patch, patchType, warnings = [], auditAnnotations = {}, ...rest } = response;
  expect(rest).toEqual({});
  expect(uid).toBe(request.uid);
  expect(typeof allowed).toBe('boolean');
  if (!allowed) {
    expect(status).toMatchObject({ status: 'Failure', code: 422, message: expect.stringMatching(/./) });
  }
  for (const warning of warnings) {
    expect(warning).toMatch(/^[^\n]+$/);
    expect(warning.length).toBeLessThanOrEqual(120);
  }
  for (const [key, value] of Object.entries(auditAnnotations)) {
    expect([key, value]).toEqual([expect.stringMatching(/^[a-z-]+$/), expect.stringMatching(/^[a-z, -]+$/)]);
  }
  expect(patchType).toBe(patch === undefined ? undefined : 'JSONPatch');
  if (patch !== undefined) assertPatch(patch, allowed, request.object);
}

function assertPatch(patch: string, allowed: boolean, object: unknown): void {
  expect(allowed).toBe(true);
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString('utf8')) as JsonPatchOperation[];
  expect(operations.length).toBeGreaterThan(0);
  // Throws where a path does not lead to a place in the object.
  expect(typeof applyPatch(object, operations)).toBe('object');
}

function assertAnswered(sent: CorpusRequest, { status, headers, body }: Answer): void {
  expect(headers['content-type']).toBe('application/json');
  if (status === 200) {
    const { apiVersion, kind, response } = JSON.parse(body) as {
      apiVersion: string;
      kind: string;
      response: AdmissionResponse;
    };
    expect([apiVersion, kind]).toEqual(['admission.k8s.io/v1', 'AdmissionReview']);
    assertAnswers(response, JSON.parse(sent.body.toString('utf8')) as Body);
    return;
  }
  expect([400, 413, 415], `${status} to ${sent.body.toString('utf8', 0, 4_000)}`).toContain(status);
  const { error, ...rest } = JSON.parse(body) as { error: string };
  expect(rest).toEqual({});
  expect(error).toMatch(/^[^\n]+$/);
  expect(error.length).toBeLessThan(1_000);
}

describe(`bad input, seed ${SEED}`, () => {
  it(`gets an AdmissionReview or a 4xx, ${REQUESTS} times over HTTPS`, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
    const statuses = new Map<number, number>();
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(corpusRequest, { minLength: AT_ONCE, maxLength: AT_ONCE }), (batch) =>
          Promise.all(
            batch.map(async (sent) => {
              const { path, contentType, body } = sent;
              const answer = await webhook.call(path, {
                headers: { 'content-type': contentType },
                body,
                agent,
              });
              statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
              assertAnswered(sent, answer);
            }),
          ).then(() => undefined),
        ),
        { seed: SEED, numRuns: Math.ceil(REQUESTS / AT_ONCE) },
      );
    } finally {
      agent.destroy();
    }
    expect(webhook.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
    // A corpus that is all refused, or all taken, would show nothing.
    expect(statuses.get(200)).toBeGreaterThan(REQUESTS / 3);
    expect(statuses.get(400)).toBeGreaterThan(REQUESTS / 20);
    expect(statuses.get(415)).toBeGreaterThan(0);
    expect(statuses.get(413)).toBeGreaterThan(0);
    // And the process lives.
    expect((await webhook.review('/mutate', fixture('pod-bound'))).uid).toBe(
      fixture('pod-bound').request.uid,
    );
  }, 300_000);

  it(`is decided without a throw, ${REQUESTS} times, and what was patched is left alone`, () => {
    const seen = { patched: 0, denied: 0 };
    fc.assert(
      fc.property(corpusReview, fc.constantFrom<Phase>('mutate', 'validate'), (review, phase) => {
        const request = decoded(review);
        if (!request) return;
        const verdict = decide(phase, request, CONTEXT);
        expect(JSON.parse(encodeVerdict(request, verdict))).toMatchObject({ response: { uid: request.uid } });
        if (!verdict.allowed) seen.denied += 1;
        if (!verdict.allowed || verdict.patch.length === 0) return;
        seen.patched += 1;
        const object = applyPatch(structuredClone(request.object), [...verdict.patch]);
        expect(decide(phase, { ...request, object }, CONTEXT)).toMatchObject({ allowed: true, patch: [] });
      }),
      { seed: SEED, numRuns: REQUESTS },
    );
    expect(seen.denied).toBeGreaterThan(0);
    expect(seen.patched).toBeGreaterThan(0);
    expect(Object.keys(Object.prototype)).toEqual([]);
  }, 300_000);
});

function decoded(review: unknown): AdmissionRequest | undefined {
  try {
    return decodeReview(JSON.stringify(review));
  } catch (error) {
    expect(error).toMatchObject({ name: 'BadReviewError' });
    return undefined;
  }
}
