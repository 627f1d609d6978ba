import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Connection } from '../../src/cli/connect.ts';
import { webhookConfigurations } from '../../src/webhook/webhook-entries.ts';
import { recordingTerminal } from '../cli/recording-terminal.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { Balancer } from './certificates/balancer.ts';
import { NAMESPACE, only, renderObjects } from './chart/template.ts';
import { Load } from './certificates/load.ts';
import type { ReplicaOptions } from './certificates/replica.ts';
import { daemonSet, Everynode, eventually, TestCluster } from './harness.ts';
import { leastPrivilege } from './least-privilege.ts';

const SECRET = 'everynode-webhook-tls';
const HOUR_MS = 3_600_000;
/** A certificate begins an hour before it is made and lives for an hour more: it is followed after 10 s. */
const TIMES = {
  settings: { rotateAfter: (HOUR_MS + 10_000) / (2 * HOUR_MS), settleMs: 4_000 },
  lifetimeMs: HOUR_MS,
};

/** A webhook process, and all that it prints. */
class Replica {
  output = '';
  readonly port: Promise<number>;
  readonly #child: ReturnType<typeof spawn>;

  constructor(options: ReplicaOptions) {
    const script = join(import.meta.dirname, 'certificates/replica.ts');
    const child = spawn(process.execPath, [script, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    if (!child.stdout || !child.stderr) throw new Error('the streams are not piped');
    child.stderr.on('data', (chunk) => (this.output += String(chunk)));
    const lines = createInterface({ input: child.stdout });
    this.port = new Promise((resolve, reject) => {
      lines.once('line', (line) => resolve(Number(line)));
      child.once('close', () => reject(new Error(`the replica ended:\n${this.output}`)));
    });
  }

  times(message: string): number {
    return this.output.split(message).length - 1;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGTERM');
    await closed;
  }
}

type Webhooks = {
  readonly metadata: {
    readonly managedFields: readonly { readonly manager: string; readonly fieldsV1: object }[];
  };
  readonly webhooks: readonly {
    readonly name: string;
    readonly clientConfig: { readonly caBundle?: string };
  }[];
};
const KINDS = ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration'] as const;

describe('the certificates of the webhook', () => {
  let cluster: TestCluster;
  let connection: Connection;
  let kubeconfig: string;
  let config: string;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.local.addNodes([{ name: 'a' }]);
    const flags = { kubeconfig: cluster.local.kubeconfigPath, logLevel: 'info' };
    connection = await connect(flags, recordingTerminal(), { logger: recordingLogger() });
    // The pods of the load are made by hand.
    config = join(cluster.local.dataDir, 'admission.yaml');
    await writeFile(
      config,
      'apiVersion: everynode.dev/v1alpha1\nkind: AdmissionConfiguration\nrules: {impostor: "off"}\n',
    );
    kubeconfig = await leastPrivilege(cluster, 'webhook');
    await cluster.apply(only(await renderObjects(), 'Secret', SECRET));
  });

  afterAll(async () => {
    await connection?.transport.close();
    await cluster?.stop();
  });

  /** As a chart does: the whole of them, but for the caBundles. */
  async function applyAsChart(port: number, { workloads = false } = {}): Promise<void> {
    const endpoint = { url: `https://127.0.0.1:${port}` };
    for (const configuration of webhookConfigurations({
      name: 'everynode',
      endpoint,
      failurePolicy: 'Fail',
      systemNamespaces: ['kube-system'],
      workloads,
    })) {
      await cluster.apply(configuration, '--server-side', '--field-manager=helm', '--force-conflicts');
    }
  }

  const configuration = (kind: string): Promise<Webhooks> =>
    cluster.json<Webhooks>('get', kind, 'everynode', '--show-managed-fields');

  function settings(port = 0): ReplicaOptions['settings'] {
    return {
      host: '127.0.0.1',
      port,
      certDir: 'unused',
      certSecret: `${NAMESPACE}/${SECRET}`,
      url: 'https://127.0.0.1',
      register: 'ca-bundle',
      configurationName: 'everynode',
      unregister: false,
      failurePolicy: 'Fail',
      maxBodyBytes: 3 * 1024 * 1024,
      shutdownDelay: 0,
    };
  }

  test('rotate, shared by two replicas, and no admission is lost', async () => {
    const balancer = await Balancer.start();
    const replicas = [1, 2].map(
      () => new Replica({ kubeconfig, config, settings: settings(), times: TIMES }),
    );
    const ports = await Promise.all(replicas.map(({ port }) => port));
    balancer.backends = ports;
    await cluster.apply(daemonSet('owner'));
    const { metadata } = await cluster.daemonSet('owner');
    // The replicas are there first, and find the configurations when they come.
    await applyAsChart(balancer.port);
    await eventually(() => cluster.apply(daemonSet('first')));

    const load = new Load(connection.client, { name: 'owner', uid: metadata.uid });
    load.start();
    const handshakes = new Handshakes(ports, () => trustedNow(cluster));
    const watching = handshakes.run();
    const promotions = (): number =>
      replicas.reduce((sum, replica) => sum + replica.times('the next certificate takes over'), 0);
    try {
      await eventually(async () => {
        await load.between(() => balancer.cut());
        expect(promotions()).toBeGreaterThanOrEqual(3);
        for (const replica of replicas) {
          expect(replica.times('serving with new certificates')).toBeGreaterThanOrEqual(2);
        }
      }, 110);
    } finally {
      await load.stop();
      handshakes.stop();
      await watching;
      await Promise.all(replicas.map((replica) => replica.stop()));
      await balancer.stop();
    }
    expect(load.failures).toEqual([]);
    expect(load.admitted).toBeGreaterThan(100);
    expect(handshakes.failures).toEqual([]);
    expect(handshakes.seen.size).toBeGreaterThanOrEqual(3);
    for (const { output } of replicas) {
      expect(output).not.toContain('PRIVATE KEY');
      // Nor in base64, as a Secret has it.
      expect(output).not.toContain(Buffer.from('-----BEGIN PRIVATE KEY').toString('base64').slice(0, 20));
      expect(output).not.toContain('"level":50');
      expect(output).not.toMatch(/forbidden/i);
    }
  }, 180_000);

  test('the caBundle is ours, and nothing else is', async () => {
    for (const kind of KINDS) {
      const { metadata } = await configuration(kind);
      const fieldsOf = (manager: string): string =>
        JSON.stringify(metadata.managedFields.find((entry) => entry.manager === manager)?.fieldsV1);
      expect(fieldsOf('everynode-ca')).toContain('f:caBundle');
      expect(fieldsOf('everynode-ca')).not.toMatch(/f:(?:url|rules|failurePolicy|matchConditions|metadata)"/);
      expect(fieldsOf('helm')).not.toContain('f:caBundle');
    }
  });

  test('a caBundle that somebody takes away is put back, and the chart can be applied again', async () => {
    const everynode = await Everynode.start(
      cluster,
      'webhook',
      `--kubeconfig=${kubeconfig}`,
      `--cert-secret=${NAMESPACE}/${SECRET}`,
      '--register=ca-bundle',
    );
    try {
      const { port } = (await everynode.logged(({ msg }) => msg === 'serving admission')) as unknown as {
        port: number;
      };
      await applyAsChart(port);
      await eventually(() => cluster.apply(daemonSet('second')));
      const bundles = async (): Promise<readonly (string | undefined)[]> =>
        (await Promise.all(KINDS.map(configuration))).flatMap(({ webhooks }) =>
          webhooks.map(({ clientConfig }) => clientConfig.caBundle),
        );
      const before = await bundles();
      expect(before).not.toContain(undefined);
      await cluster.kubectl(
        'patch',
        KINDS[0],
        'everynode',
        '--type=json',
        '-p=[{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}]',
      );
      await eventually(async () => expect(await bundles()).toEqual(before));
      await applyAsChart(port);
      expect(await bundles()).toEqual(before);
    } finally {
      await everynode.stop();
    }
  });

  async function started(): Promise<Everynode> {
    const everynode = await Everynode.start(
      cluster,
      'webhook',
      `--kubeconfig=${kubeconfig}`,
      `--cert-secret=${NAMESPACE}/${SECRET}`,
      '--register=ca-bundle',
    );
    await everynode.logged(({ msg }) => msg === 'serving admission');
    return everynode;
  }

  const data = async (): Promise<Record<string, string>> =>
    (await cluster.json<{ data: Record<string, string> }>('get', 'secret', SECRET, '-n', NAMESPACE)).data;

  test('a Secret that is emptied is filled with what is served and what follows it', async () => {
    const everynode = await started();
    try {
      const before = await data();
      const empty = '{"data":{"tls.crt":"","tls.key":""}}';
      await cluster.kubectl('patch', 'secret', SECRET, '-n', NAMESPACE, '-p', empty);
      const after = await eventually(async () => {
        const now = await data();
        expect(now['tls.crt']).toBe(before['tls.crt']);
        return now;
      });
      expect(after['next.crt']).toBeDefined();
      expect(after['next.crt']).not.toBe(before['next.crt']);
    } finally {
      await everynode.stop();
    }
  });

  test('a Secret that is deleted is asked for, and filled when it is there', async () => {
    const everynode = await started();
    try {
      const before = await data();
      await cluster.kubectl('delete', 'secret', SECRET, '-n', NAMESPACE);
      // The chart gives no right to create Secrets.
      const complaint = await everynode.logged(({ level }) => level === 50);
      expect(JSON.stringify(complaint)).toContain(`kubectl create secret generic ${SECRET} -n ${NAMESPACE}`);
      await cluster.kubectl('create', 'secret', 'generic', SECRET, '-n', NAMESPACE);
      await eventually(async () => expect(await data()).toMatchObject({ 'tls.crt': before['tls.crt'] }));
    } finally {
      await everynode.stop();
    }
  });

  test('the chart can switch an entry on and off, with its caBundle in it', async () => {
    const port = 9443;
    await applyAsChart(port, { workloads: true });
    const everynode = await started();
    const workloads = async (): Promise<Webhooks['webhooks'][number] | undefined> =>
      (await configuration(KINDS[1])).webhooks.find(({ name }) => name === 'workloads.everynode.dev');
    try {
      await eventually(async () => expect((await workloads())?.clientConfig.caBundle).toBeDefined());
      expect(await workloads()).toHaveProperty('rules');
      await applyAsChart(port);
      expect(await workloads()).not.toHaveProperty('rules');
    } finally {
      await everynode.stop();
    }
  });
});

/** Shakes hands with every replica without end, trusting what the caBundles say at that time. */
class Handshakes {
  readonly failures: string[] = [];
  /** Certificates. */
  readonly seen = new Set<string>();
  readonly #ports: readonly number[];
  readonly #trusted: () => Promise<string>;
  #isEnded = false;

  constructor(ports: readonly number[], trusted: () => Promise<string>) {
    this.#ports = ports;
    this.#trusted = trusted;
  }

  stop(): void {
    this.#isEnded = true;
  }

  async run(): Promise<void> {
    while (!this.#isEnded) {
      const ca = await this.#trusted();
      for (const port of this.#ports) {
        await this.#shake(port, ca).then(
          (certificate) => this.seen.add(certificate),
          (error: unknown) => this.failures.push(String(error)),
        );
      }
      await sleep(100);
    }
  }

  #shake(port: number, ca: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connectTls({ host: '127.0.0.1', port, ca }, () => {
        resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
        socket.end();
      });
      socket.on('error', reject);
    });
  }
}

/** What all caBundles have at this moment. */
async function trustedNow(cluster: TestCluster): Promise<string> {
  const { webhooks } = await cluster.json<Webhooks>('get', KINDS[1], 'everynode');
  return Buffer.from(webhooks[0]?.clientConfig.caBundle ?? '', 'base64').toString('utf8');
}
