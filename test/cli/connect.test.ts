import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { connect, type Connection } from '../../src/cli/connect.ts';
import type { ClusterFlags } from '../../src/cli/options.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { KubeconfigError } from '../../src/kube/cluster.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { openServer, temporaryFolder } from './kubeconfig.ts';
import { recordingTerminal } from './recording-terminal.ts';

async function connected(flags: Partial<ClusterFlags>, env: Terminal['env'] = {}): Promise<Connection> {
  const logger = recordingLogger();
  const connection = await connect({ logLevel: 'silent', ...flags }, recordingTerminal(env), { logger });
  onTestFinished(() => connection.transport.close());
  return connection;
}

it('connects to the server that the kubeconfig names, with its credentials', async () => {
  const { server, kubeconfig } = await openServer();
  const connection = await connected({ kubeconfig });
  expect(connection.server).toBe(server.url);
  expect(server.requests.map(({ route }) => route)).toEqual(['GET /apis/apps/v1']);
  expect(server.requests[0]?.headers.authorization).toBe('Bearer secret');
});

it('finds the kubeconfig in the environment it was given', async () => {
  const { server, kubeconfig } = await openServer();
  expect((await connected({}, { KUBECONFIG: kubeconfig })).server).toBe(server.url);
});

it('passes the context on', async () => {
  const { server, kubeconfig } = await openServer();
  await expect(connected({ kubeconfig, context: 'there' })).rejects.toBeInstanceOf(KubeconfigError);
  expect(server.requests).toEqual([]);
});

it('says that there is no kubeconfig', async () => {
  const kubeconfig = join(await temporaryFolder(), 'missing');
  await expect(connected({ kubeconfig })).rejects.toThrow('does not exist');
});

it('tells at once that the server does not take the credentials', async () => {
  const { server, kubeconfig } = await openServer();
  server.on('GET /apis/apps/v1', (exchange) => exchange.refuse(401, { reason: 'Unauthorized' }));
  await expect(connected({ kubeconfig })).rejects.toMatchObject({ name: 'ApiError', status: 401 });
});
