import { getEventListeners } from 'node:events';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { SyncFlags, WebhookFlags } from '../../src/cli/options.ts';
import { serve } from '../../src/cli/serve.ts';
import { openServer, temporaryFolder } from './kubeconfig.ts';
import { recordingTerminal } from './recording-terminal.ts';

const SYNC: SyncFlags = {
  logLevel: 'silent',
  mode: 'auto',
  namespace: 'everynode-system',
  leaseName: 'everynode-sync',
  identity: 'me',
  concurrentSyncs: 1,
  probeTimeout: 1,
  placement: 'scheduler',
  strictUpstream: false,
  metricsBindAddress: { host: '192.0.2.1', port: 9090 },
};

async function webhookFlags(): Promise<WebhookFlags> {
  return {
    logLevel: 'silent',
    host: '127.0.0.1',
    port: 0,
    certDir: join(await temporaryFolder(), 'certs'),
    register: 'all',
    configurationName: 'everynode',
    unregister: true,
    failurePolicy: 'Ignore',
    maxBodyBytes: 1024,
    shutdownDelay: 0,
    metricsBindAddress: undefined,
  };
}

const REGISTRATIONS = ['mutating', 'validating'].map(
  (kind) => `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations/everynode`,
);

const never = new AbortController().signal;

it('has nothing to do without a sync loop and a webhook', async () => {
  expect(await serve({}, recordingTerminal(), never)).toBe(2);
});

it('serves the webhook until the signal, and takes away what it registered', async () => {
  const { server, kubeconfig } = await openServer();
  for (const path of REGISTRATIONS) {
    server.on(`GET ${path}`, (exchange) => exchange.refuse(404, { reason: 'NotFound' }));
    for (const verb of ['PATCH', 'DELETE']) server.on(`${verb} ${path}`, (exchange) => exchange.answer({}));
  }
  const end = new AbortController();
  const webhook = { ...(await webhookFlags()), kubeconfig };
  const serving = serve({ webhook }, recordingTerminal(), end.signal);
  await vi.waitFor(() => expect(getEventListeners(end.signal, 'abort')).toHaveLength(1), { timeout: 20_000 });
  // Beside them it reads the cluster, in no set order.
  const writes = (verb: string): readonly string[] =>
    server.requests.map(({ route }) => route).filter((route) => route.startsWith(verb));
  expect(writes('PATCH')).toEqual(REGISTRATIONS.map((path) => `PATCH ${path}`));
  end.abort('SIGTERM');
  expect(await serving).toBe(0);
  expect(writes('DELETE').toSorted()).toEqual(REGISTRATIONS.map((path) => `DELETE ${path}`));
}, 30_000);

it('refuses an address for metrics that is none of this machine', async () => {
  const { server, kubeconfig } = await openServer();
  const sync = { ...SYNC, kubeconfig };
  await expect(serve({ sync }, recordingTerminal(), never)).rejects.toMatchObject({
    name: 'BindError',
    message: expect.stringContaining('cannot listen on 192.0.2.1:9090 (EADDRNOTAVAIL)'),
  });
  expect(server.requests.map(({ route }) => route)).toEqual(['GET /apis/apps/v1']);
});

it('refuses a dashboard that others can reach without TLS, and follows nothing any more', async () => {
  const { server, kubeconfig } = await openServer();
  const dashboard = {
    kubeconfig,
    logLevel: 'silent',
    metricsBindAddress: undefined,
    dashboardBindAddress: { host: '', port: 0 },
  };
  const terminal = recordingTerminal();
  await expect(serve({ dashboard }, terminal, never)).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringContaining(
      '--dashboard-bind-address: every address can be reached from other machines',
    ),
  });
  expect(terminal.stdout.text).toBe('');
  await Promise.all(server.requests.map(({ closed }) => closed));
});
