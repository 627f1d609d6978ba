import { Agent } from 'undici';
import { afterEach, vi } from 'vitest';
import { type Client, createClient } from '../../src/kube/client.ts';
import type { Cluster } from '../../src/kube/cluster.ts';
import { createTransport, type Transport, type TransportOptions } from '../../src/kube/transport.ts';
import { FakeApiServer } from '../fakes/api-server.ts';
import { recordingLogger } from '../fakes/logger.ts';

// No test waits for real time, so only a machine that is busy with other things takes long.
vi.setConfig({ testTimeout: 30_000 });

export type Connected = {
  readonly server: FakeApiServer;
  readonly transport: Transport;
  readonly client: Client;
  readonly logger: ReturnType<typeof recordingLogger>;
};

const open: Connected[] = [];

/** A fake API server and a client connected to it. Both end with the test. */
export async function connect(
  cluster: Partial<Cluster> = {},
  options: Partial<TransportOptions> = {},
): Promise<Connected> {
  const server = await FakeApiServer.start();
  const logger = recordingLogger();
  const transport = createTransport({ ...clusterAt(server.url), ...cluster }, { logger, ...options });
  const connected = { server, transport, client: createClient(transport), logger };
  open.push(connected);
  return connected;
}

afterEach(async () => {
  for (const { server, transport } of open.splice(0)) {
    await transport.close();
    await server.close();
  }
});

export function clusterAt(server: string): Cluster {
  return {
    server,
    namespace: 'default',
    headers: async () => ({}),
    refresh: () => undefined,
    connect: (connections) => new Agent({ connections }),
  };
}
