import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/kube/client.ts';
import { ApiError } from '../../src/kube/errors.ts';
import { registerWebhooks, unregisterWebhooks } from '../../src/webhook/registration.ts';
import { type EntryOptions, webhookConfigurations } from '../../src/webhook/webhook-entries.ts';

const OPTIONS: EntryOptions = {
  name: 'everynode',
  endpoint: { url: 'https://127.0.0.1:9443' },
  ca: '-----BEGIN CERTIFICATE-----\n',
  failurePolicy: 'Ignore',
  systemNamespaces: [],
  workloads: false,
};

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
    const [mutating, validating] = webhookConfigurations(OPTIONS);
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
    await unregisterWebhooks(client, 'everynode');
    expect(deleted).toEqual(BOTH);
  });

  it('is content when they are gone already', async () => {
    const { client, deleted } = deleting(new ApiError({ status: 404, reason: 'NotFound', message: 'gone' }));
    await unregisterWebhooks(client, 'everynode');
    expect(deleted).toEqual(BOTH);
  });

  it('fails when the API server forbids it, but not before it has tried both', async () => {
    const { client, deleted } = deleting(new ApiError({ status: 403, reason: 'Forbidden', message: 'no' }));
    await expect(unregisterWebhooks(client, 'everynode')).rejects.toThrow('no');
    expect(deleted).toEqual(BOTH);
  });
});
