import { DAEMONSETS, NAMESPACES } from '../../api/kinds.ts';
import { DEFAULT_POLICY } from '../../core/policy.ts';
import { PageMissingError } from '../../dashboard/page-files.ts';
import type { Client } from '../../kube/client.ts';
import { ensureNamespace } from '../../kube/ensure-namespace.ts';
import { readSource } from '../../manifests/sources.ts';
import { createLogger, type Logger } from '../../telemetry/log.ts';
import { type Connection, connect } from '../connect.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { assertServed, type DaemonSetManifest, inNamespace, parseDaemonSet } from '../manifest.ts';
import { DEFAULT_CONFIGURATION_NAME, DEFAULT_NAMESPACE } from '../options.ts';
import { type FollowedForDashboard, followForDashboard } from '../follow-for-dashboard.ts';
import { serveDashboard } from '../serve-dashboard.ts';
import { startWebhook, type WebhookSettings } from '../start-webhook.ts';
import type { Terminal } from '../terminal.ts';
import type { UpFlags } from './flags.ts';
import { followRollout, type Rollout } from './follow-rollout.ts';
import { keepSyncing } from './keep-syncing.ts';
import { kubectlApply } from './kubectl.ts';
import { nextSteps } from './next-steps.ts';
import { EXAMPLE_MANIFEST, provideCluster, type ProvidedCluster } from './provide-cluster.ts';
import { type UpReporter, upReporter } from './reporter.ts';

/**
 * Shows the product at work: a cluster, the webhooks, the sync loop, and a DaemonSet rolled out on it.
 *
 * @returns the exit code.
 */
export async function up(flags: UpFlags, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const reporter = upReporter(flags, terminal);
  const logger = createLogger({ level: flags.logLevel });
  const source = flags.filename ?? EXAMPLE_MANIFEST;
  // Read first: a typo in the name should not cost the start of a cluster.
  const text = await readManifest(source);
  parseDaemonSet(text, source);
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const cluster = await provideCluster(flags, terminal, {
    reporter,
    onFailure: (error) => failed.abort(error),
  });
  try {
    const connection = await connect({ ...cluster, logLevel: flags.logLevel }, terminal, { logger });
    try {
      const session: Session = { flags, terminal, reporter, logger, cluster, connection };
      const code = await runSession(session, placed(text, source, cluster), stop);
      failed.signal.throwIfAborted();
      return code;
    } finally {
      await connection.transport.close();
    }
  } finally {
    await cluster.stop();
  }
}

type Session = {
  readonly flags: UpFlags;
  readonly terminal: Terminal;
  readonly reporter: UpReporter;
  readonly logger: Logger;
  readonly cluster: ProvidedCluster;
  readonly connection: Connection;
};

/** The manifest as it is applied, and what is in it. */
type Manifest = { readonly text: string; readonly daemonSet: DaemonSetManifest; readonly source: string };

/** Dashboard, webhooks and sync loop around the rollout; takes away what it made, in the reverse order. */
async function runSession(session: Session, manifest: Manifest, signal: AbortSignal): Promise<number> {
  const { connection, logger, cluster } = session;
  const { client } = connection;
  assertServed(manifest.daemonSet, await servedVersions(connection), manifest.source);
  const namespaceIsOurs = await ensureNamespace(client, DEFAULT_NAMESPACE);
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  const stack = new AsyncDisposableStack();
  try {
    if (!cluster.isLocal) stack.defer(() => takeAway(client, manifest.daemonSet, namespaceIsOurs));
    const followed = followForDashboard(client, logger);
    stack.defer(followed.stop);
    const link = await showDashboard(session, followed, stack);
    const shell = { client, logger, cluster: followed.cluster };
    const webhook = await startWebhook(webhookSettings(cluster), shell);
    stack.defer(webhook.stop);
    const sync = { client, logger, isLocal: cluster.isLocal, note: session.reporter.note };
    const syncing = keepSyncing(sync, stop).finally(() => ended.abort());
    const rolling = applyAndFollow(session, manifest, link, stop).finally(() => ended.abort());
    const [code, synced] = await Promise.allSettled([rolling, syncing]);
    if (synced.status === 'rejected') throw synced.reason;
    if (code.status === 'rejected') throw code.reason;
    return code.value;
  } finally {
    await stack.disposeAsync();
  }
}

/** Serves the dashboard, and says where; undefined where nobody would look at it, or it is not built. */
async function showDashboard(
  { flags, reporter, logger, connection }: Session,
  followed: FollowedForDashboard,
  stack: AsyncDisposableStack,
): Promise<string | undefined> {
  if (flags.once) return undefined;
  const { client, server } = connection;
  const shell = { client, logger, server, policy: DEFAULT_POLICY, ...followed };
  try {
    const address = { host: '127.0.0.1', port: flags.dashboardPort };
    const dashboard = await serveDashboard({ dashboardBindAddress: address }, shell);
    stack.defer(dashboard.stop);
    reporter.note(`Dashboard: ${dashboard.link}\n`);
    return dashboard.link;
  } catch (error) {
    if (!(error instanceof PageMissingError)) throw error;
    reporter.note(`No dashboard: ${error.message}\n`);
    return undefined;
  }
}

async function applyAndFollow(
  session: Session,
  manifest: Manifest,
  link: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  const { reporter, cluster, connection, flags, terminal } = session;
  const { namespace = 'default', name } = manifest.daemonSet.metadata;
  const key = { namespace, name };
  await kubectlApply(manifest.text, cluster, reporter.note, terminal.env);
  const rollout: Rollout = { client: connection.client, key, logger: session.logger };
  const done = await followRollout(rollout, reporter.table, signal);
  if (!done) return EXIT.interrupted;
  reporter.done(done);
  if (flags.once) return EXIT.ok;
  const nodes = done.nodes.map((node) => node.name);
  reporter.note(nextSteps(key, nodes, { ...cluster, ...(link !== undefined && { dashboard: link }) }));
  await followRollout(rollout, reporter.later, signal, { forever: true });
  return EXIT.ok;
}

async function readManifest(file: string): Promise<string> {
  const source = await readSource(file);
  if ('text' in source) return source.text;
  const why = 'fault' in source ? source.fault.message : source.unreadable;
  throw new UsageError(`${file} ${why}; check --filename`);
}

/** In somebody else's cluster the DaemonSet goes into our own namespace, and nowhere else. */
function placed(text: string, source: string, { isLocal }: ProvidedCluster): Manifest {
  const applied = isLocal ? text : inNamespace(text, DEFAULT_NAMESPACE);
  return { text: applied, daemonSet: parseDaemonSet(applied, source), source };
}

function webhookSettings({ certDir }: ProvidedCluster): WebhookSettings {
  return {
    host: '127.0.0.1',
    port: 0,
    certDir,
    register: 'all',
    configurationName: DEFAULT_CONFIGURATION_NAME,
    unregister: true,
    failurePolicy: 'Ignore',
    maxBodyBytes: 8 * 1024 * 1024,
    shutdownDelay: 0,
  };
}

/** The apiVersions in which the server serves DaemonSets. */
async function servedVersions({ transport }: Connection): Promise<readonly string[]> {
  const groups = await Promise.all(
    ['apps/v1', 'apps/v1beta2', 'extensions/v1beta1'].map(async (version) => {
      const resources = await transport
        .request({ method: 'GET', path: `/apis/${version}` })
        .then((answer) => (answer as { resources?: { kind: string }[] }).resources ?? [])
        .catch(() => []);
      return resources.some(({ kind }) => kind === 'DaemonSet') ? [version] : [];
    }),
  );
  return groups.flat();
}

async function takeAway(
  client: Client,
  { metadata }: DaemonSetManifest,
  namespaceIsOurs: boolean,
): Promise<void> {
  const { namespace = '', name } = metadata;
  await client
    .delete(DAEMONSETS, { namespace, name }, { propagationPolicy: 'Background' })
    .catch(() => undefined);
  if (namespaceIsOurs) await client.delete(NAMESPACES, { name: DEFAULT_NAMESPACE }).catch(() => undefined);
}
