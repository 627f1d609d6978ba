import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { FakeApiServer } from '../fakes/api-server.ts';

/** A folder that is gone when the test has ended. */
export async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'everynode-cli-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** An API server that lets everybody in, and a kubeconfig for it. Both are gone when the test has ended. */
export async function openServer(): Promise<{
  readonly server: FakeApiServer;
  readonly kubeconfig: string;
}> {
  const server = await FakeApiServer.start();
  onTestFinished(() => server.close());
  server.on('GET /apis/apps/v1', (exchange) => exchange.answer({ kind: 'APIResourceList', resources: [] }));
  const kubeconfig = join(await temporaryFolder(), 'config');
  const cluster = { server: server.url, 'insecure-skip-tls-verify': true };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'me' } }],
    clusters: [{ name: 'here', cluster }],
    users: [{ name: 'me', user: { token: 'secret' } }],
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  return { server, kubeconfig };
}
