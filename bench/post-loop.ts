import { PODS } from '../src/api/kinds.ts';
import { createClient } from '../src/kube/client.ts';
import { loadCluster } from '../src/kube/cluster.ts';
import { createTransport } from '../src/kube/transport.ts';
import { daemonPodManifest, podManifest } from './manifests.ts';

/**
 * A process of its own that posts one pod for each node over 64 connections and does nothing else: what the API
 * server bears at most. Prints the seconds that took.
 *
 *     node bench/post-loop.ts KUBECONFIG COUNT [DAEMONSET UID]
 *
 * With a DaemonSet, the pods say that it controls them and name their node by annotation, as the webhook wants it.
 */
const CONNECTIONS = 64;
const [, , kubeconfig = '', count = '0', daemonSet, uid = ''] = process.argv;
const manifest = daemonSet === undefined ? podManifest : daemonPodManifest({ name: daemonSet, uid });
const silent = (): void => undefined;
const logger = { debug: silent, info: silent, warn: silent, error: silent };
const cluster = await loadCluster({ kubeconfig, env: {} });
const transport = createTransport(cluster, { logger });
const client = createClient(transport);

let next = 0;
const post = async (): Promise<void> => {
  while (next < Number(count)) {
    next += 1;
    await client.create(PODS, 'default', manifest(`node-${next}`));
  }
};
await Promise.all(
  Array.from({ length: CONNECTIONS }, () => transport.request({ method: 'GET', path: '/livez' })),
);
const started = performance.now();
await Promise.all(Array.from({ length: CONNECTIONS }, post));
process.stdout.write(`${(performance.now() - started) / 1000}\n`);
await transport.close();
