import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/kube/client.ts';
import { ApiError } from '../../src/kube/errors.ts';
import { unregisterWebhooks } from '../../src/webhook/registration.ts';

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
