import { existsSync } from 'node:fs';
import { glob, mkdir, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAUSE_IMAGE } from '../../src/localcluster/real-node/configuration.ts';
import { version } from '../../src/cli/version.ts';
import { daemonSet, eventually, isReady, type RawPod, type TestCluster } from './harness.ts';
import { type BuiltImage, everynodeImage } from './image/everynode-image.ts';
import { chartAccount } from './least-privilege.ts';
import { canRunRealNode, helm, REAL_NODE, startWithRealNode } from './real-node.ts';

const NAMESPACE = 'everynode-system';
/** The first run builds the node's programs and the image. */
const BUILD_TIMEOUT_MS = 1_500_000;

type RunningPod = RawPod & {
  metadata: { annotations?: Record<string, string> };
  spec: { affinity?: unknown };
  status: {
    podIP?: string;
    containerStatuses?: { containerID?: string; state: { terminated?: { exitCode: number } } }[];
  };
};

/** What the strictest of the Pod Security Standards asks for, and a file system that cannot be written to. */
const RESTRICTED = {
  pod: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  container: {
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  },
};

type PodParts = { readonly container?: object; readonly pod?: object };

describe.skipIf(!canRunRealNode)('a real node beside simulated ones', () => {
  let cluster: TestCluster;
  let image: BuiltImage;

  beforeAll(async () => {
    image = await everynodeImage();
    cluster = await startWithRealNode();
    await cluster.local.addNodes([{ name: 'simulated' }]);
    await cluster.local.realNode.loadImage(image.archive);
    await chartAccount(cluster, 'sync');
    await cluster.kubectl('label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted');
    // What the webhook may do at the least, is for the chart to say and to prove.
    await cluster.kubectl('create', 'serviceaccount', 'webhook', '-n', NAMESPACE);
    const account = `--serviceaccount=${NAMESPACE}:webhook`;
    await cluster.kubectl('create', 'clusterrolebinding', 'webhook', '--clusterrole=cluster-admin', account);
  }, BUILD_TIMEOUT_MS);

  afterAll(() => cluster?.stop());

  const pod = (name: string, namespace = 'default'): Promise<RunningPod> =>
    cluster.json<RunningPod>('get', 'pod', name, '-n', namespace);

  /** A pod of our image on the real node. */
  const everynodePod = (name: string, args: readonly string[], more: PodParts = {}): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: NAMESPACE, labels: { app: name } },
    spec: {
      nodeName: REAL_NODE,
      restartPolicy: 'Never',
      automountServiceAccountToken: true,
      serviceAccountName: 'everynode-sync',
      securityContext: RESTRICTED.pod,
      containers: [
        {
          name: 'everynode',
          image: image.name,
          args,
          securityContext: RESTRICTED.container,
          ...more.container,
        },
      ],
      ...more.pod,
    },
  });

  const logs = (name: string): Promise<string> => cluster.kubectl('logs', name, '-n', NAMESPACE);

  test('the image of our Dockerfile says its version, as nobody and with nothing to write to', async () => {
    await cluster.apply(everynodePod('version', ['--version']));
    await eventually(async () => expect((await pod('version', NAMESPACE)).status.phase).toBe('Succeeded'));
    expect((await logs('version')).trim()).toBe(version());
  });

  test('the image has no shell and none of the tools that it was built with', async () => {
    const script = `
      const { readdirSync } = require('node:fs');
      const names = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/app']
        .flatMap((folder) => readdirSync(folder).map((name) => folder + '/' + name));
      console.log(JSON.stringify(names));`;
    await cluster.apply(
      everynodePod('look', ['-e', script], { container: { command: ['/usr/local/bin/node'] } }),
    );
    await eventually(async () => expect((await pod('look', NAMESPACE)).status.phase).toBe('Succeeded'));
    expect(JSON.parse(await logs('look'))).toEqual(['/usr/local/bin/node', '/app/dist', '/app/package.json']);
  });

  test('the sync loop in a pod runs a DaemonSet on the real node and on the simulated one', async () => {
    const args = ['sync', '--mode=own', '--probe-timeout=1'];
    await cluster.apply(everynodePod('sync', args));
    await cluster.apply(daemonSet('agent', { pod: { containers: [{ name: 'agent', image: PAUSE_IMAGE }] } }));
    await eventually(async () => {
      expect(await cluster.nodesWith('agent'), await logs('sync')).toEqual([REAL_NODE, 'simulated']);
    });
    const [real] = (await cluster.pods('agent')) as RunningPod[];
    expect(real?.status.containerStatuses?.[0]?.containerID).toMatch(/^containerd:\/\//);
    const network = cluster.local.server.replace(/^https:\/\/([\d.]+)\.1:\d+$/, '$1');
    expect(real?.status.podIP).toMatch(new RegExp(`^${network.replaceAll('.', '\\.')}\\.\\d+$`));
  });

  test('the webhook in a pod is called by its Service', async () => {
    const args = ['webhook', '--host=0.0.0.0', '--cert-dir=/certs', `--service=${NAMESPACE}/webhook`];
    const parts = {
      container: { volumeMounts: [{ name: 'certs', mountPath: '/certs' }] },
      pod: { serviceAccountName: 'webhook', volumes: [{ name: 'certs', emptyDir: {} }] },
    };
    await cluster.apply(everynodePod('webhook', args, parts));
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'webhook', namespace: NAMESPACE },
      spec: { selector: { app: 'webhook' }, ports: [{ port: 443, targetPort: 9443 }] },
    });
    const wrong = daemonSet('never', { pod: { restartPolicy: 'Never' } });
    await eventually(async () => {
      const message = await cluster.apply(wrong, '--dry-run=server').catch((error: unknown) => String(error));
      expect(message, await logs('webhook')).toContain('restart-policy');
    });
  });

  test('a static pod runs, and its mirror pod is none of our business', async () => {
    const containers = [{ name: 'main', image: PAUSE_IMAGE }];
    const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'static' }, spec: { containers } };
    const folder = cluster.local.realNode.manifestsFolder;
    await writeFile(join(folder, 'static.json'), JSON.stringify(manifest));
    const mirror = `static-${REAL_NODE}`;
    const running = await eventually(async () => {
      const found = await pod(mirror);
      expect(isReady(found)).toBe(true);
      return found;
    });
    expect(running.metadata.annotations).toHaveProperty(['kubernetes.io/config.mirror']);
    expect(running.spec.affinity).toBeUndefined();
  });

  test('helm installs a chart', async () => {
    const chart = join(cluster.local.dataDir, 'chart');
    await mkdir(join(chart, 'templates'), { recursive: true });
    await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: tiny\nversion: 1.0.0\n');
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}' } };
    await writeFile(join(chart, 'templates', 'map.yaml'), JSON.stringify(configMap));
    await helm(cluster, 'install', 'first', chart, '--wait');
    expect(await cluster.kubectl('get', 'configmap', 'first', '-o', 'name')).toBe('configmap/first\n');
    expect(JSON.parse(await helm(cluster, 'list', '--output=json'))).toMatchObject([{ status: 'deployed' }]);
  });

  test('at the end nothing of it is left on this machine', async () => {
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
});
