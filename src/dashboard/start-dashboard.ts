import type { ClusterCaches } from '../cache/cluster-caches.ts';
import type { Policy } from '../core/policy.ts';
import type { Client } from '../kube/client.ts';
import type { Logger } from '../telemetry/log.ts';
import type { CertificateSource } from '../tls/source.ts';
import { Answers } from './answers.ts';
import { createApp } from './app.ts';
import { BoardKeeper } from './board-keeper.ts';
import { EventStreams } from './event-streams.ts';
import { Judge } from './judge.ts';
import { readPageFiles } from './page-files.ts';
import { startDashboardServer } from './server.ts';
import { Sessions } from './sessions.ts';
import type { WatchedConnection } from './watched-connection.ts';
import type { SessionAnswer } from './wire.ts';

export type DashboardOptions = {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Absent: plain HTTP. */
  readonly certificates?: CertificateSource;
  /** Opens the page to whoever has it; absent: tokens only. */
  readonly key?: string;
  readonly client: Client;
  /** Followed already, with `connection` as observer. */
  readonly cluster: ClusterCaches;
  readonly connection: WatchedConnection;
  readonly policy: Policy;
  /** Rules of which nothing is said. */
  readonly rulesOff?: ReadonlySet<string>;
  readonly about: Pick<SessionAnswer, 'version' | 'cluster'>;
  readonly logger: Logger;
  /** Where the page is; absent: where it was built. */
  readonly pageFolder?: string;
};

export type Dashboard = {
  readonly port: number;
  /** What it waits for before it shows the cluster; undefined when it does. */
  readonly waitsFor: () => string | undefined;
  readonly stop: () => Promise<void>;
};

/**
 * Serves the dashboard.
 *
 * @throws BindError, CertificateError, PageMissingError
 */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { host, port, certificates: source, cluster, connection, policy, logger } = options;
  const files = await readPageFiles(options.pageFolder);
  const certificates = await source?.open();
  const judge: Judge = new Judge({
    cluster,
    logger,
    ...(options.rulesOff && { off: options.rulesOff }),
    onJudged: () => keeper.refresh(),
  });
  const keeper: BoardKeeper = new BoardKeeper({
    cluster,
    policy,
    logger,
    connection: () => connection.state(),
    findings: (daemonSet) => judge.countsOf(daemonSet),
    judged: () => judge.inShort(),
  });
  const stopTelling = connection.onChange(keeper.refresh);
  const streams = new EventStreams({
    source: {
      listen: (listener) => {
        const stops = [keeper.listen(listener), judge.watch()];
        return () => stops.forEach((stop) => stop());
      },
    },
  });
  let isFilled = false;
  void cluster.daemonSetsSynced.then(() => (isFilled = true));
  const waitsFor = (): string | undefined => (isFilled ? undefined : 'the cluster to be read');
  const app = createApp({
    ...options,
    files,
    sessions: new Sessions(options),
    streams,
    answers: new Answers({
      cluster: cluster.view,
      nodes: () => keeper.nodes(),
      daemonSets: () => keeper.daemonSets(),
      policy,
    }),
    findings: () => judge.settled(),
    isEncrypted: certificates !== undefined,
    waitsFor,
  });
  const server = await startDashboardServer({
    host,
    port,
    app,
    ...(certificates && { certificates }),
    onLost: (error) => logger.error({ err: error }, 'a connection to the dashboard could not be accepted'),
  });
  const ended = new AbortController();
  const renew = (): void => {
    const latest = source?.latest();
    try {
      if (latest) server.setCertificates(latest);
    } catch (error) {
      logger.error(
        { err: error },
        'the new certificate of the dashboard cannot be used; serving the old one',
      );
    }
  };
  const running = Promise.all([
    keeper.run(ended.signal),
    judge.run(ended.signal),
    ...(source ? [source.run(ended.signal, renew)] : []),
  ]);
  return {
    port: server.port,
    waitsFor,
    stop: async () => {
      stopTelling();
      ended.abort();
      streams.close();
      await server.close();
      await running;
    },
  };
}
