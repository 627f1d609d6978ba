import { type ClusterCaches, createClusterCaches } from '../cache/cluster-caches.ts';
import { WatchedConnection } from '../dashboard/watched-connection.ts';
import type { Client } from '../kube/client.ts';
import type { Logger } from '../telemetry/log.ts';

/** Caches that know how old they are. */
export type FollowedForDashboard = {
  readonly cluster: ClusterCaches;
  readonly connection: WatchedConnection;
  readonly stop: () => Promise<void>;
};

/** Follows the cluster for the dashboard, and for whoever shares its caches. */
export function followForDashboard(client: Client, logger: Logger): FollowedForDashboard {
  const connection = new WatchedConnection();
  const cluster = createClusterCaches(client, logger, connection.observer);
  const stopping = new AbortController();
  const running = cluster.run(stopping.signal);
  return {
    cluster,
    connection,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
