import { existsSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAUSE_IMAGE } from '../../src/localcluster/real-node/configuration.ts';
import { CHART, NAMESPACE, RELEASE } from './chart/template.ts';
import { daemonSet, eventually, isReady, type RawPod, type TestCluster } from './harness.ts';
import { type BuiltImage, everynodeImage } from './image/everynode-image.ts';
import { auditTests } from './on-real-node/audit-jobs.ts';
import { dashboardTests } from './on-real-node/dashboard.ts';
import { endpointTests } from './on-real-node/endpoints.ts';
import { imageTests } from './on-real-node/image.ts';
import { staticPodTests } from './on-real-node/static-pods.ts';
import { canRunRealNode, helm, REAL_NODE, startWithRealNode } from './real-node.ts';
import { installReports } from './report-definitions.ts';

/** The first run builds the node's programs and the image. */
const BUILD_TIMEOUT_MS = 1_500_000;
const TEST_TIMEOUT_MS = 400_000;
const SIMULATED = ['simulated-1', 'simulated-2'];
const EVERYWHERE = [REAL_NODE, ...SIMULATED];
const SECRET = `${RELEASE}-webhook-tls`;

type Secret = { readonly data: Readonly<Record<string, string>> };
type Pods = { readonly items: readonly RawPod[] };
type RunningPod = RawPod & {
  readonly status: {
    readonly podIP?: string;
    readonly containerStatuses?: readonly { readonly containerID?: string }[];
  };
};

const pause = { containers: [{ name: 'agent', image: PAUSE_IMAGE }] };
const agent = (name: string, spec: object = {}): object => daemonSet(name, { pod: pause, spec });
const broken = daemonSet('broken', { labels: { app: 'another' } });

/** The chart as users install it, with the image of our Dockerfile in real containers, called through its Service. */
describe.skipIf(!canRunRealNode)('helm install', { timeout: TEST_TIMEOUT_MS }, () => {
  let cluster: TestCluster;
  let image: BuiltImage;
  let values: string[];
  /** Of the certificates, before they were rotated. */
  let before: Secret;

  beforeAll(async () => {
    image = await everynodeImage();
    cluster = await startWithRealNode();
    await cluster.local.addNodes(SIMULATED.map((name) => ({ name })));
    await cluster.local.realNode.loadImage(image.archive);
    const [repository = '', tag = ''] = image.name.split(/:(?=[^:]*$)/);
    // Simulated nodes run no process, so ours have to be on the real one.
    const node = String.raw`nodeSelector.kubernetes\.io/hostname=${REAL_NODE}`;
    const set = {
      'image.repository': repository,
      'image.tag': tag,
      mode: 'own',
      'webhook.failurePolicy': 'Fail',
      'audit.reports': 'openreports',
    };
    values = [
      ...Object.entries(set).map(([key, value]) => `--set-string=${key}=${value}`),
      `--set=webhook.${node},sync.${node},audit.${node},dashboard.${node}`,
      '--set=policies.enabled=true,audit.enabled=true,dashboard.enabled=true',
    ];
    await installReports(cluster, 'openreports');
    await cluster.kubectl('create', 'namespace', NAMESPACE);
    const restricted = 'pod-security.kubernetes.io/enforce=restricted';
    await cluster.kubectl('label', 'namespace', NAMESPACE, restricted);
    await release('install');
  }, BUILD_TIMEOUT_MS);

  afterAll(() => cluster?.stop());

  /** Waits until all is ready, as users do. */
  function release(command: 'install' | 'upgrade', ...more: readonly string[]): Promise<string> {
    const flags = ['--namespace', NAMESPACE, '--wait', '--timeout=3m', ...values, ...more];
    return helm(cluster, command, RELEASE, CHART, ...flags);
  }

  async function ours(component: string): Promise<readonly RawPod[]> {
    const selector = `app.kubernetes.io/component=${component}`;
    return (await cluster.json<Pods>('get', 'pods', '-n', NAMESPACE, '-l', selector)).items;
  }

  async function allOfOursAreReady(): Promise<void> {
    for (const component of ['webhook', 'sync']) {
      const pods = await ours(component);
      expect(pods.filter((pod) => isReady(pod) && !pod.metadata.deletionTimestamp)).toHaveLength(2);
    }
  }

  const secret = (): Promise<Secret> => cluster.json<Secret>('get', 'secret', SECRET, '-n', NAMESPACE);

  /** Asks for a verdict; throws when the API server gives none of ours. */
  const judged = (): Promise<void> =>
    expect(cluster.apply(broken, '--dry-run=server')).rejects.toThrow('[selector-matches-template]');

  async function runsEverywhere(name: string): Promise<void> {
    await eventually(async () => expect(await cluster.nodesWith(name)).toEqual(EVERYWHERE), 120);
  }

  test('has webhooks that the API server calls through their Service', async () => {
    await eventually(judged);
    await eventually(allOfOursAreReady);
  });

  test('begins to rotate its certificates when it is asked to, and goes on answering', async () => {
    before = await secret();
    const empty = '[{"op": "remove", "path": "/data"}]';
    await cluster.kubectl('patch', 'secret', SECRET, '-n', NAMESPACE, '--type=json', `--patch=${empty}`);
    await eventually(async () => {
      const { data } = await secret();
      expect(data['next.crt']).toBeDefined();
      expect(data['ca.crt']).not.toBe(before.data['ca.crt']);
      await judged();
    });
  });

  // The next certificate takes over once its authority has been trusted everywhere for two minutes. Meanwhile all that
  // follows goes on, up to the end of the rotation: it may restart one pod of the webhook, and not both.

  test('passes its own test', async () => {
    expect(await helm(cluster, 'test', RELEASE, '--namespace', NAMESPACE, '--timeout=2m')).toContain(
      'Phase:          Succeeded',
    );
  });

  test('makes pods on the real node and on simulated ones', async () => {
    await eventually(() => cluster.apply(agent('agent')));
    await runsEverywhere('agent');
    const [real] = (await cluster.pods('agent')) as RunningPod[];
    expect(real?.status.containerStatuses?.[0]?.containerID).toMatch(/^containerd:\/\//);
    const network = cluster.local.server.replace(/^https:\/\/([\d.]+)\.1:\d+$/, '$1');
    expect(real?.status.podIP).toMatch(new RegExp(`^${network.replaceAll('.', '\\.')}\\.\\d+$`));
  });

  imageTests(() => ({ cluster, image: image.name }));
  auditTests(() => cluster);
  staticPodTests(() => cluster);
  endpointTests(() => cluster, EVERYWHERE);
  dashboardTests(() => cluster);

  test('goes on answering while one of two webhook pods dies, and syncing while the leader does', async () => {
    const [first] = await ours('webhook');
    await cluster.kubectl('delete', 'pod', first?.metadata.name ?? '', '-n', NAMESPACE, '--wait=false');
    for (let times = 0; times < 20; times += 1) await judged();
    const lease = await cluster.json<{ spec: { holderIdentity: string } }>(
      'get',
      'lease',
      `${RELEASE}-sync`,
      '-n',
      NAMESPACE,
    );
    const leader = lease.spec.holderIdentity;
    await cluster.kubectl('delete', 'pod', leader, '-n', NAMESPACE, '--force', '--grace-period=0');
    await eventually(() => cluster.apply(agent('after-the-leader')));
    await runsEverywhere('after-the-leader');
    await eventually(allOfOursAreReady, 120);
  });

  test('has rotated its certificates, and goes on answering', async () => {
    await eventually(async () => {
      await judged();
      expect((await secret()).data).not.toHaveProperty(['next.crt']);
    }, 240);
    expect((await secret()).data['tls.crt']).not.toBe(before.data['tls.crt']);
  });

  test('is upgraded, also where entries come and go, and nothing is refused meanwhile', async () => {
    let stopped = false;
    const asking = (async () => {
      let times = 0;
      for (; !stopped; times += 1) await judged();
      return times;
    })();
    try {
      await release('upgrade', '--set=webhook.workloads=true,logLevel=debug');
      await release('upgrade');
    } finally {
      stopped = true;
      expect(await asking).toBeGreaterThan(0);
    }
    await runsEverywhere('agent');
  });

  test('lets the cluster heal when all of it is killed together with what the cluster needs', async () => {
    await cluster.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'dns', namespace: 'kube-system' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'dns' } },
        template: {
          metadata: { labels: { app: 'dns' } },
          spec: { ...pause, nodeSelector: { 'kubernetes.io/hostname': REAL_NODE } },
        },
      },
    });
    const kill = (...which: string[]): Promise<string> =>
      cluster.kubectl('delete', 'pods', ...which, '--force', '--grace-period=0', '--wait=false');
    await kill('--all', '-n', NAMESPACE);
    await kill('-l', 'app=agent', '-n', 'default');
    await kill('-l', 'app=dns', '-n', 'kube-system');
    await eventually(allOfOursAreReady, 180);
    await runsEverywhere('agent');
    await eventually(async () => {
      const [dns] = await cluster.pods('dns', 'kube-system');
      expect(dns && isReady(dns)).toBe(true);
    }, 120);
    await eventually(judged);
  });

  test('leaves DaemonSets and their pods alone when it goes, and nothing of its own', async () => {
    await helm(cluster, 'uninstall', RELEASE, '--namespace', NAMESPACE, '--wait', '--timeout=3m');
    await eventually(async () => expect(await leftovers()).toEqual([]), 120);
    expect(await cluster.nodesWith('agent')).toEqual(EVERYWHERE);
    expect(await cluster.apply(agent('another'), '--dry-run=server')).toContain('created');
  });

  test('with the cluster, the real node goes from this machine', async () => {
    const address = new URL(cluster.local.server).hostname;
    const ours = (): boolean =>
      Object.values(networkInterfaces()).some((all) => all?.some((each) => each.address === address));
    const [, second = '', third = ''] = address.split('.');
    const cgroups = async (): Promise<string[]> =>
      (await Array.fromAsync(glob(`/sys/fs/cgroup/{,*/}evn-${second}-${third}`))).toSorted();
    expect(ours()).toBe(true);
    expect(await cgroups()).not.toEqual([]);
    await cluster.stop();
    expect(ours()).toBe(false);
    expect(await cgroups()).toEqual([]);
    expect(existsSync(cluster.local.dataDir)).toBe(false);
  });

  /** Of every kind there is, in our namespace or cluster-wide, what has our name; Events go by themselves. */
  async function leftovers(): Promise<string[]> {
    const resources = async (...flags: string[]): Promise<string> => {
      const listable = await cluster.kubectl('api-resources', '--verbs=list', '-o', 'name', ...flags);
      return listable
        .split('\n')
        .filter((name) => name !== '' && !name.startsWith('events'))
        .join(',');
    };
    const own = await cluster.kubectl('get', await resources('--namespaced'), '-n', NAMESPACE, '-o', 'name');
    const wide = await cluster.kubectl('get', await resources('--namespaced=false'), '-o', 'name');
    const notOurs = /^(configmap\/kube-root-ca\.crt|serviceaccount\/default|namespace\/.*)$/;
    return [...own.split('\n'), ...wide.split('\n').filter((name) => name.includes('everynode'))].filter(
      (name) => name !== '' && !notOurs.test(name),
    );
  }
});
