import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { MUTATING_WEBHOOK_CONFIGURATIONS, VALIDATING_WEBHOOK_CONFIGURATIONS } from '../../src/api/kinds.ts';
import { fingerprintsOf } from '../../src/tls/bundle.ts';
import { issueCa } from '../../src/tls/issue.ts';
import { CaBundles, type Registration } from '../../src/webhook/ca-bundle.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { FakeClient, inTurn, refusal } from '../syncloop/fake-client.ts';

const KINDS = [MUTATING_WEBHOOK_CONFIGURATIONS, VALIDATING_WEBHOOK_CONFIGURATIONS] as const;
const WHOLE: Registration = {
  write: 'all',
  options: {
    endpoint: { url: 'https://127.0.0.1:9443' },
    failurePolicy: 'Ignore',
    systemNamespaces: [],
    workloads: false,
  },
};

let [ours, other] = ['', ''];
let client: FakeClient;
let logger: ReturnType<typeof recordingLogger>;
let end: AbortController;
let running: Promise<void>;

beforeAll(async () => {
  [ours, other] = (await Promise.all(
    ['ours', 'other'].map((name) => issueCa(name, Date.now()).then(({ cert }) => cert)),
  )) as [string, string];
});
beforeEach(() => {
  client = new FakeClient();
  logger = recordingLogger();
  end = new AbortController();
  running = Promise.resolve();
});
afterEach(async () => {
  end.abort();
  await running;
});

function caBundles(registration: Registration): CaBundles {
  return new CaBundles({ client, logger, name: 'everynode', registration, now: Date.now });
}

function run(bundles: CaBundles): void {
  running = bundles.run(end.signal);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function configuration(resourceVersion: string, ...bundles: readonly string[]): object {
  return {
    metadata: { name: 'everynode', uid: 'u', resourceVersion },
    webhooks: bundles.map((bundle, index) => ({
      name: `entry-${index}`,
      clientConfig: { url: 'https://x', ...(bundle !== '' && { caBundle: base64(bundle) }) },
    })),
  };
}

/** Tells both watches what there is; undefined for nothing. */
async function exist(first?: object, second?: object): Promise<void> {
  for (const [index, object] of [first, second].entries()) {
    const kind = KINDS[index];
    if (!kind) continue;
    if (object) await client.feed(kind).send('ADDED', object);
    await client.feed(kind).bookmark('10');
  }
}

type Patch = {
  readonly metadata: object;
  readonly webhooks: readonly {
    readonly name: string;
    readonly clientConfig: { readonly caBundle: string };
  }[];
};
const patches = (): readonly Patch[] =>
  client.calls.filter(({ what }) => what.startsWith('patch ')).map(({ body }) => body as Patch);
const bundlesIn = ({ webhooks }: Patch): readonly ReadonlySet<string>[] =>
  webhooks.map(({ clientConfig }) =>
    fingerprintsOf(Buffer.from(clientConfig.caBundle, 'base64').toString('utf8')),
  );

function willing(): void {
  for (const { kind } of KINDS) client.answer(`patch ${kind}`, {});
}

describe('--register=ca-bundle', () => {
  it('writes the caBundle of every entry and nothing else, to the version that it saw', async () => {
    willing();
    const bundles = caBundles({ write: 'ca-bundle' });
    await bundles.register(ours);
    expect(client.calls).toEqual([]);
    run(bundles);
    await exist(configuration('3', '', ''), configuration('4', ours));
    await vi.waitFor(() => expect(patches()).toHaveLength(1));
    expect(client.callsOf('patch MutatingWebhookConfiguration')).toMatchObject([
      {
        key: '/everynode',
        options: { type: 'apply', fieldManager: 'everynode-ca', force: true },
        body: {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'MutatingWebhookConfiguration',
          metadata: { name: 'everynode', resourceVersion: '3' },
          webhooks: [0, 1].map((index) => ({
            name: `entry-${index}`,
            clientConfig: { caBundle: base64(ours) },
          })),
        },
      },
    ]);
  });

  it('keeps what another replica may still need', async () => {
    willing();
    const bundles = caBundles({ write: 'ca-bundle' });
    await bundles.register(ours);
    run(bundles);
    await exist(configuration('3', other), configuration('4', ours));
    await vi.waitFor(() => expect(patches()).toHaveLength(1));
    const [patch] = patches();
    expect(patch && bundlesIn(patch)).toEqual([fingerprintsOf(ours + other)]);
  });

  it('waits for configurations that do not exist yet, and says so once', async () => {
    willing();
    const bundles = caBundles({ write: 'ca-bundle' });
    await bundles.register(ours);
    run(bundles);
    await exist();
    await vi.waitFor(() => expect(logger.lines.map(({ message }) => message)).toHaveLength(1));
    expect(logger.lines[0]?.message).toContain('does not exist yet');
    expect(patches()).toEqual([]);
    await client.feed(KINDS[0]).send('ADDED', configuration('11', ''));
    await vi.waitFor(() => expect(patches()).toHaveLength(1));
  });

  it('goes by what the watch brings when somebody else wrote first', async () => {
    willing();
    client.answer('patch MutatingWebhookConfiguration', inTurn(refusal(409, 'Conflict'), {}));
    const bundles = caBundles({ write: 'ca-bundle' });
    await bundles.register(ours);
    run(bundles);
    await exist(configuration('3', ''), configuration('4', ours));
    await vi.waitFor(() => expect(patches()).toHaveLength(1));
    await client.feed(KINDS[0]).send('MODIFIED', configuration('5', other));
    await vi.waitFor(() => expect(patches()).toHaveLength(2));
    expect(patches()[1]).toMatchObject({ metadata: { resourceVersion: '5' } });
    expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('says which rights it lacks', async () => {
    client.answer('patch MutatingWebhookConfiguration', refusal(403, 'Forbidden'));
    const bundles = caBundles({ write: 'ca-bundle' });
    await bundles.register(ours);
    run(bundles);
    await exist(configuration('3', ''), configuration('4', ours));
    await vi.waitFor(() =>
      expect(logger.lines.at(-1)).toMatchObject({
        level: 'error',
        message: expect.stringContaining('allow get, list, watch and patch'),
      }),
    );
  });
});

describe('--register=all', () => {
  it('creates what is missing, and applies on top of what is there', async () => {
    willing();
    client.answer('get MutatingWebhookConfiguration', refusal(404, 'NotFound'));
    client.answer('get ValidatingWebhookConfiguration', configuration('8', other));
    await caBundles(WHOLE).register(ours);
    const [mutating, validating] = patches();
    expect(mutating?.metadata).not.toHaveProperty('resourceVersion');
    expect(validating?.metadata).toMatchObject({ resourceVersion: '8' });
    expect(mutating && bundlesIn(mutating)[0]).toEqual(fingerprintsOf(ours));
    expect(validating && bundlesIn(validating)[0]).toEqual(fingerprintsOf(ours + other));
    expect(client.callsOf('patch MutatingWebhookConfiguration')[0]?.options).toMatchObject({
      fieldManager: 'everynode',
    });
  });

  it('fails when it is refused', async () => {
    client.answer('get MutatingWebhookConfiguration', refusal(403, 'Forbidden'));
    await expect(caBundles(WHOLE).register(ours)).rejects.toMatchObject({ status: 403 });
  });

  it('puts back what somebody deletes', async () => {
    willing();
    for (const { kind } of KINDS) client.answer(`get ${kind}`, refusal(404, 'NotFound'));
    const bundles = caBundles(WHOLE);
    await bundles.register(ours);
    run(bundles);
    client.calls.length = 0;
    await exist();
    await vi.waitFor(() => expect(patches()).toHaveLength(2));
  });
});

describe('--register=none', () => {
  it('only looks', async () => {
    for (const { kind } of KINDS) client.answer(`get ${kind}`, configuration('3', other));
    const bundles = caBundles({ write: 'none' });
    await bundles.register(ours);
    run(bundles);
    await exist(configuration('3', other), configuration('4', other));
    const [print = ''] = fingerprintsOf(other);
    await vi.waitFor(() => expect(bundles.heldFor(print)).toBeGreaterThanOrEqual(0));
    expect(bundles.heldFor([...fingerprintsOf(ours)][0] ?? '')).toBeUndefined();
    expect(patches()).toEqual([]);
  });

  it('takes it that others do their part where it may not even look', async () => {
    client.answer('get MutatingWebhookConfiguration', refusal(403, 'Forbidden'));
    const bundles = caBundles({ write: 'none' });
    await bundles.register(ours);
    run(bundles);
    await running;
    const held = (pem: string): number | undefined => bundles.heldFor([...fingerprintsOf(pem)][0] ?? '');
    expect(held(ours)).toBeGreaterThanOrEqual(0);
    expect(held(other)).toBeUndefined();
    bundles.publish(ours + other);
    expect(held(other)).toBeGreaterThanOrEqual(0);
  });
});
