import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SECRETS } from '../../src/api/kinds.ts';
import { fingerprintsOf } from '../../src/tls/bundle.ts';
import { issueCa, issueServingCertificate } from '../../src/tls/issue.ts';
import { keepServing } from '../../src/tls/keep-serving.ts';
import { issuePair } from '../../src/tls/pair.ts';
import type { Secret } from '../../src/tls/secret-content.ts';
import { SecretSource } from '../../src/tls/secret-source.ts';
import type { Publication } from '../../src/tls/source.ts';
import { type Certificates, faultOf, namesOf } from '../../src/tls/verify.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { type Call, FakeClient, refusal } from '../syncloop/fake-client.ts';

const NAMES = { dnsNames: ['hook.kube-system.svc'], ipAddresses: [] };
const KEY = { namespace: 'kube-system', name: 'hook-tls' };
const DAY = 86_400_000;

/** The one Secret of an API server, with what it does about resourceVersions. */
class SecretServer {
  readonly client = new FakeClient();
  secret: Secret | undefined;
  #version = 10;

  constructor(secret?: object) {
    this.client
      .answer('create SelfSubjectReview', { metadata: { creationTimestamp: new Date().toISOString() } })
      .answer('get Secret', () => this.secret ?? refusal(404, 'NotFound'))
      .answer('create Secret', ({ body }: Call) =>
        this.secret ? refusal(409, 'AlreadyExists') : this.store(body as object),
      )
      .answer('update Secret', ({ body }: Call) =>
        (body as Secret).metadata.resourceVersion === this.secret?.metadata.resourceVersion
          ? this.store(body as object)
          : refusal(409, 'Conflict'),
      );
    if (secret) this.store(secret);
  }

  store(secret: object): Secret {
    const isNew = this.secret === undefined;
    const { metadata } = secret as Secret;
    this.secret = {
      ...(secret as Secret),
      metadata: { ...metadata, uid: 'u', resourceVersion: String((this.#version += 1)) },
    };
    void this.client.feed(SECRETS).send(isNew ? 'ADDED' : 'MODIFIED', this.secret);
    return this.secret;
  }

  text(name: string): string {
    return Buffer.from(this.secret?.data?.[name] ?? '', 'base64').toString('utf8');
  }
}

function secretOf({ cert, key, ca }: Certificates, more: Record<string, string> = {}): object {
  const data = { 'tls.crt': cert, 'tls.key': key, 'ca.crt': ca, ...more };
  const base64 = Object.entries(data).map(([name, text]) => [name, Buffer.from(text).toString('base64')]);
  return { metadata: KEY, type: 'kubernetes.io/tls', data: Object.fromEntries(base64) as object };
}

async function foreign(now = Date.now()): Promise<Certificates> {
  const ca = await issueCa('somebody else', now);
  return { ...(await issueServingCertificate({ ...NAMES, commonName: 'x', ca, now })), ca: ca.cert };
}

let logger: ReturnType<typeof recordingLogger>;
let end: AbortController;
let running: Promise<void>;
beforeEach(() => {
  logger = recordingLogger();
  end = new AbortController();
  running = Promise.resolve();
});
afterEach(async () => {
  end.abort();
  await running;
});

const sourceOf = ({ client }: SecretServer): SecretSource =>
  new SecretSource({
    client,
    logger,
    key: KEY,
    names: NAMES,
    settings: { rotateAfter: 2 / 3, settleMs: 50 },
  });

describe('open', () => {
  it('makes the Secret, of the usual type, and marks it', async () => {
    const server = new SecretServer();
    const certificates = await sourceOf(server).open();
    expect(faultOf(certificates, Date.now())).toBeUndefined();
    expect(namesOf(certificates.cert)).toEqual(NAMES);
    expect(server.secret).toMatchObject({
      type: 'kubernetes.io/tls',
      metadata: {
        name: 'hook-tls',
        labels: { 'app.kubernetes.io/managed-by': 'everynode' },
        annotations: { 'everynode.dev/certificates': 'made-by-everynode' },
      },
    });
    expect(Object.keys(server.secret?.data ?? {}).toSorted()).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
  });

  it('fills an empty one, and leaves to others what is theirs', async () => {
    const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
    const metadata = { ...KEY, labels, annotations: { note: 'x' } };
    const server = new SecretServer({ metadata, type: 'Opaque', data: { extra: 'eA==' } });
    await sourceOf(server).open();
    expect(server.secret?.metadata).toMatchObject({ labels, annotations: { note: 'x' } });
    expect(server.secret?.type).toBe('Opaque');
    expect(server.text('extra')).toBe('x');
    expect(server.text('tls.crt')).toContain('BEGIN CERTIFICATE');
  });

  it('takes what another replica wrote first', async () => {
    const theirs = await issuePair({ names: NAMES, now: Date.now() });
    const server = new SecretServer();
    let asked = 0;
    server.client.answer('get Secret', () => {
      if ((asked += 1) === 1) return refusal(404, 'NotFound');
      return server.secret ?? refusal(404, 'NotFound');
    });
    server.store(secretOf(theirs));
    expect((await sourceOf(server).open()).cert).toBe(theirs.cert);
    expect(server.client.callsOf('create Secret')).toHaveLength(1);
  });

  it('uses somebody else’s as it is', async () => {
    const theirs = await foreign();
    const server = new SecretServer(secretOf(theirs));
    expect(await sourceOf(server).open()).toMatchObject(theirs);
    expect(server.client.callsOf('update Secret')).toEqual([]);
  });

  const refused: Record<string, [prepare: (server: SecretServer) => Promise<void>, said: RegExp]> = {
    'somebody else’s has expired': [
      async (server) => void server.store(secretOf(await foreign(Date.now() - 400 * DAY))),
      /^the Secret kube-system\/hook-tls: tls\.crt expired at .*; correct it/,
    ],
    'it may not be read': [
      async ({ client }) => void client.answer('get Secret', refusal(403, 'Forbidden')),
      /^we may not read the Secret kube-system\/hook-tls; allow get, list, watch and update/,
    ],
    'it may not be made': [
      async ({ client }) => void client.answer('create Secret', refusal(403, 'Forbidden')),
      /^we may not create .*; make an empty one \(kubectl create secret generic hook-tls -n kube-system\)/,
    ],
    'there is no such namespace': [
      async ({ client }) => void client.answer('create Secret', refusal(404, 'NotFound')),
      /the namespace does not exist; create it/,
    ],
    'somebody else always writes first': [
      async ({ client }) => void client.answer('create Secret', refusal(409, 'AlreadyExists')),
      /written by others again and again/,
    ],
  };

  it.each(Object.entries(refused))('fails with a sentence when %s', async (_, [prepare, said]) => {
    const server = new SecretServer();
    await prepare(server);
    await expect(sourceOf(server).open()).rejects.toThrow(said);
    await expect(sourceOf(server).open()).rejects.toMatchObject({ name: 'CertificateError' });
  });
});

/** caBundles that have what is published at once. */
class Bundles implements Publication {
  ca = '';
  #since = new Map<string, number>();
  #listener: () => void = () => undefined;

  readonly publish = (ca: string): void => {
    if (ca === this.ca) return;
    this.ca = ca;
    for (const print of fingerprintsOf(ca)) {
      if (!this.#since.has(print)) this.#since.set(print, performance.now());
    }
    this.#listener();
  };
  readonly heldFor = (print: string): number | undefined => {
    const since = this.#since.get(print);
    return since === undefined ? undefined : performance.now() - since;
  };
  readonly onChange = (listener: () => void): void => {
    this.#listener = listener;
  };
}

describe('keepServing', () => {
  async function serving(server: SecretServer): Promise<{ served: Certificates[]; ends: number[] }> {
    const source = sourceOf(server);
    const current = await source.open();
    const served = [current];
    const ends: number[] = [];
    const publication = new Bundles();
    publication.publish(current.ca);
    running = keepServing(
      {
        source,
        publication,
        current,
        logger,
        settings: { rotateAfter: 2 / 3, settleMs: 50 },
        onServe: (certificates) => void served.push(certificates),
        onExpiry: (seconds) => void ends.push(seconds),
      },
      end.signal,
    );
    await server.client.feed(SECRETS).bookmark('10');
    return { served, ends };
  }

  it('rotates what is due: the authority first, then the certificate, and tells no key', async () => {
    const due = await issuePair({ names: NAMES, now: Date.now() - 250 * DAY });
    const server = new SecretServer(secretOf(due));
    const { served, ends } = await serving(server);
    await vi.waitFor(() => expect(served).toHaveLength(2), { timeout: 5_000 });
    const [first, second] = served;
    expect(first?.cert).toBe(due.cert);
    expect(second?.cert).toBe(server.text('tls.crt'));
    // Both authorities are still in the bundle, and what was laid beside has moved up.
    expect(fingerprintsOf(server.text('ca.crt')).size).toBe(2);
    expect(server.secret?.data).not.toHaveProperty('next.crt');
    expect(new Set(ends).size).toBe(2);
    expect(inspect(logger.lines, { depth: 10 })).not.toContain('PRIVATE');
  });

  it('keeps what it serves when the Secret is spoiled, and repairs it', async () => {
    const good = await issuePair({ names: NAMES, now: Date.now() });
    const server = new SecretServer(secretOf(good));
    await serving(server);
    const { metadata, ...spoiled } = secretOf({ ...good, key: 'nonsense' }) as Secret;
    server.store({ ...spoiled, metadata: { ...metadata, ...server.secret?.metadata } });
    await vi.waitFor(() => expect(server.text('tls.key')).toBe(good.key));
    expect(server.text('tls.crt')).toBe(good.cert);
  });

  it('complains once when somebody else’s is spoiled, and warns when its end is near', async () => {
    const theirs = await foreign(Date.now() - 360 * DAY);
    const server = new SecretServer(secretOf(theirs));
    const { served } = await serving(server);
    await vi.waitFor(() =>
      expect(logger.lines.map(({ message }) => message)).toContainEqual(
        expect.stringContaining('ends in 4 days'),
      ),
    );
    for (const key of ['nonsense', 'more of it']) {
      const { metadata, ...spoiled } = secretOf(
        { ...theirs, ca: (await foreign()).ca, key: theirs.key },
        { key },
      ) as Secret;
      server.store({ ...spoiled, metadata: { ...metadata, ...server.secret?.metadata } });
    }
    const errors = (): number => logger.lines.filter(({ level }) => level === 'error').length;
    await vi.waitFor(() => expect(errors()).toBe(1));
    expect(served).toHaveLength(1);
    expect(server.client.callsOf('update Secret')).toEqual([]);
  });
});
