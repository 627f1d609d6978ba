import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/kube/client.ts';
import { ApiError } from '../../src/kube/errors.ts';
import {
  type RegistrationOptions,
  registerWebhooks,
  unregisterWebhooks,
  webhookConfigurations,
} from '../../src/webhook/registration.ts';

type Webhook = {
  readonly name: string;
  readonly clientConfig: { readonly url?: string; readonly service?: object; readonly caBundle: string };
  readonly rules: readonly object[];
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
  readonly [field: string]: unknown;
};
type Configuration = {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: object };
  readonly webhooks: readonly Webhook[];
};

const OPTIONS: RegistrationOptions = {
  endpoint: { url: 'https://127.0.0.1:9443' },
  ca: '-----BEGIN CERTIFICATE-----\n',
  failurePolicy: 'Ignore',
};

function configurations(overrides: Partial<RegistrationOptions> = {}): readonly Configuration[] {
  return webhookConfigurations({ ...OPTIONS, ...overrides }) as readonly Configuration[];
}

describe('webhookConfigurations', () => {
  it('makes a mutating and a validating one, with the same two webhooks', () => {
    expect(
      configurations().map(({ kind, metadata, webhooks }) => [
        kind,
        metadata.name,
        webhooks.map(({ name }) => name),
      ]),
    ).toEqual([
      ['MutatingWebhookConfiguration', 'everynode', ['daemonsets.everynode.dev', 'pods.everynode.dev']],
      ['ValidatingWebhookConfiguration', 'everynode', ['daemonsets.everynode.dev', 'pods.everynode.dev']],
    ]);
  });

  it('asks about DaemonSets at CREATE and UPDATE and about Pods at CREATE only', () => {
    for (const { webhooks } of configurations()) {
      expect(webhooks.flatMap(({ rules }) => rules)).toEqual([
        {
          apiGroups: ['apps'],
          apiVersions: ['v1'],
          resources: ['daemonsets'],
          operations: ['CREATE', 'UPDATE'],
          scope: 'Namespaced',
        },
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          resources: ['pods'],
          operations: ['CREATE'],
          scope: 'Namespaced',
        },
      ]);
    }
  });

  it('declares no side effects, v1 only, a short timeout and the failure policy on every webhook', () => {
    for (const failurePolicy of ['Ignore', 'Fail'] as const) {
      for (const webhook of configurations({ failurePolicy }).flatMap(({ webhooks }) => webhooks)) {
        expect(webhook).toMatchObject({
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          matchPolicy: 'Equivalent',
          timeoutSeconds: 5,
          failurePolicy,
        });
      }
    }
  });

  it('is asked again about Pods that another webhook changed, and only in the mutating phase', () => {
    const [mutating, validating] = configurations();
    expect(mutating?.webhooks.map((webhook) => webhook['reinvocationPolicy'])).toEqual(['Never', 'IfNeeded']);
    for (const webhook of validating?.webhooks ?? [])
      expect(webhook).not.toHaveProperty('reinvocationPolicy');
  });

  it('keeps away, by conditions, what it must never block', () => {
    for (const { webhooks } of configurations()) {
      expect(webhooks.map(({ matchConditions }) => matchConditions.map(({ name }) => name))).toEqual([
        ['not-being-deleted'],
        ['controlled-by-a-daemonset', 'not-a-mirror-pod'],
      ]);
    }
  });

  it('leads to a URL, whether or not it ends in a slash', () => {
    for (const url of ['https://127.0.0.1:9443', 'https://127.0.0.1:9443/']) {
      const paths = configurations({ endpoint: { url } }).map(
        ({ webhooks }) => webhooks[0]?.clientConfig.url,
      );
      expect(paths).toEqual(['https://127.0.0.1:9443/mutate', 'https://127.0.0.1:9443/validate']);
    }
  });

  it('leads to a Service, with the authority to trust as base64 of its PEM', () => {
    const service = { namespace: 'kube-system', name: 'everynode', port: 443 };
    const [mutating] = configurations({ endpoint: { service } });
    expect(mutating?.webhooks[0]?.clientConfig).toEqual({
      service: { ...service, path: '/mutate' },
      caBundle: Buffer.from(OPTIONS.ca).toString('base64'),
    });
  });

  it('leaves the namespaces to others unless it is told which', () => {
    for (const webhook of configurations().flatMap(({ webhooks }) => webhooks)) {
      expect(webhook).not.toHaveProperty('namespaceSelector');
    }
    const namespaceSelector = { matchLabels: { guarded: 'yes' } };
    for (const webhook of configurations({ namespaceSelector }).flatMap(({ webhooks }) => webhooks)) {
      expect(webhook['namespaceSelector']).toEqual(namespaceSelector);
    }
  });

  it('is the same every time, as GitOps tools expect', () => {
    expect(JSON.stringify(configurations())).toBe(JSON.stringify(configurations()));
  });
});

describe('registerWebhooks', () => {
  it('applies both server-side, as the owner of its fields', async () => {
    const calls: unknown[][] = [];
    const client: Pick<Client, 'patch'> = {
      patch: async (kind, key, patch, options) => {
        calls.push([kind.plural, key, patch, options]);
        return undefined as never;
      },
    };
    await registerWebhooks(client, OPTIONS);
    const [mutating, validating] = configurations();
    const options = { type: 'apply', fieldManager: 'everynode', force: true };
    expect(calls).toEqual([
      ['mutatingwebhookconfigurations', { name: 'everynode' }, mutating, options],
      ['validatingwebhookconfigurations', { name: 'everynode' }, validating, options],
    ]);
  });
});

function deleting(error?: Error): { client: Pick<Client, 'delete'>; deleted: string[] } {
  const deleted: string[] = [];
  const remove: Client['delete'] = async (kind, { name }) => {
    deleted.push(`${kind.plural}/${name}`);
    if (error) throw error;
  };
  return { client: { delete: remove }, deleted };
}

describe('unregisterWebhooks', () => {
  const BOTH = ['mutatingwebhookconfigurations/everynode', 'validatingwebhookconfigurations/everynode'];

  it('deletes its two configurations and no other', async () => {
    const { client, deleted } = deleting();
    await unregisterWebhooks(client);
    expect(deleted).toEqual(BOTH);
  });

  it('is content when they are gone already', async () => {
    const { client, deleted } = deleting(new ApiError({ status: 404, reason: 'NotFound', message: 'gone' }));
    await unregisterWebhooks(client);
    expect(deleted).toEqual(BOTH);
  });

  it('fails when the API server forbids it, but not before it has tried both', async () => {
    const { client, deleted } = deleting(new ApiError({ status: 403, reason: 'Forbidden', message: 'no' }));
    await expect(unregisterWebhooks(client)).rejects.toThrow('no');
    expect(deleted).toEqual(BOTH);
  });
});
