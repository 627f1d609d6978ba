import { type Client, createClient } from '../kube/client.ts';
import { loadCluster } from '../kube/cluster.ts';
import { createTransport, type Transport } from '../kube/transport.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ClusterFlags } from './options.ts';
import type { Terminal } from './terminal.ts';

export type Connection = {
  readonly client: Client;
  readonly transport: Transport;
  readonly server: string;
  /** Of the kubeconfig's context. */
  readonly namespace: string;
};

export type Observers = { readonly logger: Logger; readonly metrics?: Metrics };

/**
 * Opens the API server that the flags, $KUBECONFIG, ~/.kube/config or the pod's service account name.
 *
 * @throws KubeconfigError when there is none, or it cannot be read.
 * @throws UnreachableError, ApiError when the server does not answer, or refuses us.
 */
export async function connect(
  flags: ClusterFlags,
  terminal: Terminal,
  { logger, metrics }: Observers,
): Promise<Connection> {
  const { kubeconfig, context } = flags;
  const cluster = await loadCluster({
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    env: terminal.env,
  });
  const transport = createTransport(cluster, { logger, ...(metrics && { onRequest: metrics.request }) });
  try {
    // Asks for something that needs a login, so that bad credentials show now and not in every later log line.
    await transport.request({ method: 'GET', path: '/apis/apps/v1' });
  } catch (error) {
    await transport.close();
    throw error;
  }
  return { client: createClient(transport), transport, server: cluster.server, namespace: cluster.namespace };
}
