// Writes docs/screenshots: the dashboard of a cluster as one may meet it, on a real control plane. `npm run screenshots`
import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { daemonSet, Everynode, eventually, TestCluster } from '../harness.ts';
import { openBrowser, openTab } from './browser.ts';
import { startDashboardProcess } from './dashboard-process.ts';

const FOLDER = 'docs/screenshots';
const ZONE = 'topology.kubernetes.io/zone';
const POOL = 'karpenter.sh/nodepool';
const GPU = { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' } as const;

type Agent = {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  readonly pod?: object;
};

const AGENTS: readonly Agent[] = [
  {
    namespace: 'gpu',
    name: 'device-plugin',
    image: 'device-plugin:0.17',
    pod: { nodeSelector: { [POOL]: 'gpu' }, tolerations: [{ key: GPU.key, operator: 'Exists' }] },
  },
  {
    namespace: 'kube-system',
    name: 'cni-node',
    image: 'cni:1.18',
    pod: { hostNetwork: true, tolerations: [{ operator: 'Exists' }] },
  },
  {
    namespace: 'kube-system',
    name: 'kube-proxy',
    image: 'kube-proxy:1.36',
    pod: { hostNetwork: true, tolerations: [{ operator: 'Exists' }] },
  },
  { namespace: 'kube-system', name: 'node-local-dns', image: 'dns-cache:1.26' },
  { namespace: 'logging', name: 'fluentd', image: 'fluentd:1.17' },
  {
    namespace: 'monitoring',
    name: 'node-exporter',
    image: 'node-exporter:1.9',
    pod: { hostPID: true, tolerations: [{ operator: 'Exists' }] },
  },
  {
    namespace: 'security',
    name: 'runtime-sensor',
    image: 'sensor:latest',
    pod: { containers: [{ name: 'agent', image: 'sensor:latest', securityContext: { privileged: true } }] },
  },
  { namespace: 'storage', name: 'csi-node', image: 'csi:2.4' },
];

const NODES = ['a', 'b', 'c'].flatMap((zone) =>
  ['system', 'workers', 'gpu'].map((pool) => ({
    name: `${pool}-${zone}`,
    labels: { [ZONE]: `eu-${zone}`, [POOL]: pool },
    ...(pool === 'gpu' && { taints: [GPU] }),
  })),
);

const VIEWS: readonly (readonly [name: string, hash: string, shows: string])[] = [
  ['overview', '#/', 'role=grid'],
  ['rollout', '#/daemonset/logging/fluentd', 'text=waits for its turn'],
  ['explain', '#/?explain=logging/fluentd@gpu-b', 'role=dialog >> text=To have a pod there'],
  ['findings', '#/findings', 'role=heading[name="security/runtime-sensor"]'],
];

const cluster = await TestCluster.start();
try {
  await cluster.local.addNodes(NODES);
  const everynode = await Everynode.own(cluster);
  await setTheScene();
  const dashboard = await startDashboardProcess(cluster);
  const browser = await openBrowser();
  try {
    for (const theme of ['light', 'dark'] as const) {
      const { page } = await openTab(browser, { theme });
      await page.goto(dashboard.link);
      await page.getByRole('grid').waitFor();
      await shoot(page, theme);
    }
  } finally {
    await browser.close();
    await dashboard.stop();
    await everynode.stop();
  }
} finally {
  await cluster.stop();
}

async function shoot(page: Page, theme: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  // Nothing is left to be judged.
  await page.getByText(/Findings \([1-9]/).waitFor();
  for (const [name, hash, shows] of VIEWS) {
    await page.evaluate((to) => void (location.hash = to), hash);
    await page.locator(shows).first().waitFor();
    await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
    await page.screenshot({ path: `${FOLDER}/${name}-${theme}.png` });
  }
}

/** A rollout that waits for two of its pods, and a pod that does not start. */
async function setTheScene(): Promise<void> {
  for (const namespace of new Set(AGENTS.map((agent) => agent.namespace))) {
    if (namespace !== 'kube-system') await cluster.kubectl('create', 'namespace', namespace);
  }
  for (const { namespace, name, image, pod } of AGENTS) {
    const probe = { httpGet: { path: '/healthz', port: 9100 } };
    const containers = [{ name: 'agent', image, readinessProbe: probe }];
    const made = daemonSet(name, { pod: { containers, ...pod } }) as { metadata: object };
    await cluster.apply({ ...made, metadata: { ...made.metadata, namespace } });
  }
  for (const { namespace, name } of AGENTS) await settled(name, namespace);
  await patch('daemonset/fluentd', { spec: { updateStrategy: { type: 'OnDelete', rollingUpdate: null } } });
  const template = { metadata: { annotations: { 'config-hash': '2b1f' } } };
  await patch('daemonset/fluentd', { spec: { template } });
  const old = await cluster.pods('fluentd', 'logging');
  for (const { metadata } of old.slice(0, 4))
    await cluster.kubectl('delete', 'pod', metadata.name, '-n', 'logging');
  await settled('fluentd', 'logging');
  const fresh = (await cluster.pods('fluentd', 'logging')).filter(
    (pod) => !old.some(({ metadata }) => metadata.uid === pod.metadata.uid),
  );
  const conditions = ['Ready', 'ContainersReady'].map((type) => ({
    type,
    status: 'False',
    lastTransitionTime: new Date().toISOString(),
  }));
  for (const { metadata } of fresh.slice(0, 2)) {
    await patch(`pod/${metadata.name}`, { status: { conditions } }, '--subresource=status');
  }
  const rollingUpdate = { maxUnavailable: 2 };
  await patch('daemonset/fluentd', { spec: { updateStrategy: { type: 'RollingUpdate', rollingUpdate } } });
  const [sensor] = await cluster.pods('runtime-sensor', 'security');
  const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' };
  const container = {
    name: 'agent',
    image: 'sensor:latest',
    imageID: '',
    ready: false,
    restartCount: 7,
    state: { waiting },
  };
  await cluster.kubectl(
    'patch',
    'pod',
    sensor?.metadata.name ?? '',
    '-n',
    'security',
    '--subresource=status',
    '--type=merge',
    '-p',
    JSON.stringify({ status: { conditions, containerStatuses: [container] } }),
  );
}

async function settled(name: string, namespace: string): Promise<void> {
  await eventually(async () => {
    const { status = {} } = await cluster.daemonSet(name, namespace);
    const { desiredNumberScheduled, numberAvailable } = status;
    if (!desiredNumberScheduled || numberAvailable !== desiredNumberScheduled)
      throw new Error(`${name} is not available yet`);
  });
}

function patch(object: string, change: object, ...args: readonly string[]): Promise<string> {
  return cluster.kubectl(
    'patch',
    object,
    '-n',
    'logging',
    '--type=merge',
    '-p',
    JSON.stringify(change),
    ...args,
  );
}
