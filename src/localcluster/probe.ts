import type { ApiCaller } from './api-call.ts';
import type { ComponentName } from './arguments.ts';
import { LocalClusterError } from './errors.ts';
import type { PreparedLayout } from './layout.ts';

const TIMEOUT_MS = 5_000;

/** Resolves when the component says that it is ready, and throws while it does not. */
export async function probeComponent(
  name: ComponentName,
  { ports, server }: PreparedLayout,
  { call }: ApiCaller,
): Promise<void> {
  switch (name) {
    case 'etcd':
      return assertOk(`http://127.0.0.1:${ports.etcd}/health`);
    case 'kwok':
      return assertOk(`http://127.0.0.1:${ports.kwok}/healthz`);
    case 'kube-apiserver':
      await call('GET', `${server}/readyz`);
      return;
    case 'kube-controller-manager':
    case 'kube-scheduler':
      await call('GET', `https://127.0.0.1:${ports[name]}/healthz`);
  }
}

async function assertOk(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new LocalClusterError(`${url} was answered ${response.status}`);
}
