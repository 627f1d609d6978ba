import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/exit-codes.ts';
import { type RunningWebhook, startWebhook, type WebhookSettings } from '../../src/cli/start-webhook.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { FakeClient, refusal } from '../syncloop/fake-client.ts';
import { temporaryFolder } from './kubeconfig.ts';

const KINDS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

async function settings(overrides: Partial<WebhookSettings> = {}): Promise<WebhookSettings> {
  return {
    host: '127.0.0.1',
    port: 0,
    certDir: join(await temporaryFolder(), 'certs'),
    register: 'all',
    configurationName: 'everynode',
    unregister: false,
    failurePolicy: 'Ignore',
    maxBodyBytes: 1024,
    shutdownDelay: 0,
    ...overrides,
  };
}

function willing(): FakeClient {
  const client = new FakeClient();
  for (const kind of KINDS) {
    client.answer(`get ${kind}`, refusal(404, 'NotFound'));
    client.answer(`patch ${kind}`, {}).answer(`delete ${kind}`, {});
  }
  return client;
}

/** What was changed in the cluster; the webhook also looks, and asks who it is. */
function changes({ summary }: FakeClient): readonly string[] {
  return summary.filter((call) => !/^(?:get|create SelfSubjectReview) /.test(call));
}

async function started(
  flags: WebhookSettings,
  client = willing(),
  logger = recordingLogger(),
): Promise<RunningWebhook> {
  return startWebhook(flags, { client, logger });
}

describe('the certificate', () => {
  it.each([
    ['the address it listens on', {}, 'DNS:localhost, IP Address:127.0.0.1'],
    [
      'the loopback, where it listens on all addresses',
      { host: '0.0.0.0' },
      'DNS:localhost, IP Address:127.0.0.1',
    ],
    ['the Service', { service: 'kube-system/hook' }, 'DNS:hook.kube-system.svc'],
    ['the Service, whatever its port', { service: 'kube-system/hook:8443' }, 'DNS:hook.kube-system.svc'],
    [
      'the host of the URL',
      { url: 'https://hook.example.com:9443' },
      'DNS:localhost, DNS:hook.example.com, IP Address:127.0.0.1',
    ],
    [
      'the address in the URL',
      { url: 'https://[2001:db8::1]:9443' },
      'DNS:localhost, IP Address:127.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1',
    ],
  ])('is made out to %s', async (_, overrides, names) => {
    const flags = await settings({ ...overrides, register: 'none' });
    const webhook = await started(flags);
    await webhook.stop();
    const certificate = new X509Certificate(await readFile(join(flags.certDir, 'tls.crt')));
    expect(certificate.subjectAltName).toBe(names);
  });
});

describe('the registration', () => {
  const endpoints = ({ calls }: FakeClient): readonly unknown[] =>
    calls
      .filter(({ what }) => what.startsWith('patch'))
      .map(({ body }) => {
        const { webhooks } = body as { webhooks: [{ clientConfig: { caBundle: string } }] };
        const { caBundle: _, ...endpoint } = webhooks[0].clientConfig;
        return endpoint;
      });

  it.each([
    [
      'the Service',
      { service: 'a/b' },
      { service: { namespace: 'a', name: 'b', port: 443, path: '/mutate' } },
    ],
    [
      'the port of the Service',
      { service: 'a/b:8443' },
      { service: { namespace: 'a', name: 'b', port: 8443, path: '/mutate' } },
    ],
    ['the URL', { url: 'https://example.com/hook/' }, { url: 'https://example.com/hook/mutate' }],
  ])('names %s', async (_, overrides, endpoint) => {
    const client = willing();
    await (await started(await settings(overrides), client)).stop();
    expect(endpoints(client)[0]).toEqual(endpoint);
  });

  it('names the port that was free, where none was asked for', async () => {
    const client = willing();
    const logger = recordingLogger();
    await (await started(await settings(), client, logger)).stop();
    const serving = logger.lines.find(({ message }) => message === 'serving admission');
    const { port } = { port: 0, ...serving?.fields };
    expect(port).toBeGreaterThan(0);
    expect(endpoints(client)[0]).toEqual({ url: `https://127.0.0.1:${port}/mutate` });
  });

  it.each([
    ['stays', false, []],
    ['is taken away, when that was asked for', true, KINDS.map((kind) => `delete ${kind} /everynode`)],
  ])('%s at the end', async (_, unregister, deletions) => {
    const client = willing();
    const webhook = await started(await settings({ unregister }), client);
    expect(changes(client)).toEqual(KINDS.map((kind) => `patch ${kind} /everynode`));
    client.calls.length = 0;
    await webhook.stop();
    expect(changes(client)).toEqual(deletions);
  });

  it('is neither made nor taken away when it is left to somebody else', async () => {
    const client = willing();
    await (await started(await settings({ register: 'none', unregister: true }), client)).stop();
    expect(changes(client)).toEqual([]);
  });

  it('that is refused ends the webhook', async () => {
    const forbidden = refusal(403, 'Forbidden');
    const logger = recordingLogger();
    const client = willing().answer('patch MutatingWebhookConfiguration', forbidden);
    await expect(started(await settings({ unregister: true }), client, logger)).rejects.toBe(forbidden);
    expect(changes(client).slice(1)).toEqual(KINDS.map((kind) => `delete ${kind} /everynode`));
    expect(logger.lines.map(({ message }) => message)).not.toContain('serving admission');
  });

  it('that cannot be taken away is told, with the command that does it', async () => {
    const logger = recordingLogger();
    const client = willing().answer('delete MutatingWebhookConfiguration', refusal(403, 'Forbidden'));
    await (await started(await settings({ unregister: true }), client, logger)).stop();
    expect(logger.lines.at(-1)).toMatchObject({
      level: 'error',
      message:
        'could not unregister; run: kubectl delete mutatingwebhookconfiguration,validatingwebhookconfiguration everynode',
    });
  });
});

describe('flags that cannot be used', () => {
  async function outcomeOf(overrides: Partial<WebhookSettings>): Promise<unknown> {
    try {
      await (await started(await settings(overrides))).stop();
      return 'it started';
    } catch (error) {
      return error;
    }
  }

  it.each(['hook', 'kube-system/', '/hook', 'a/b/c', 'a/b:http', 'Kube/hook', 'a/b:'])(
    '--service %s',
    async (service) => {
      expect(await outcomeOf({ service })).toEqual(
        new UsageError(`--service: "${service}" is not NAMESPACE/NAME or NAMESPACE/NAME:PORT`),
      );
    },
  );

  it.each(['a/b:0', 'a/b:65536'])('--service %s, of no port', async (service) => {
    expect(await outcomeOf({ service })).toBeInstanceOf(UsageError);
  });

  it.each(['hook.example.com', 'https://'])('--url %s', async (url) => {
    expect(await outcomeOf({ url })).toBeInstanceOf(UsageError);
  });
});
