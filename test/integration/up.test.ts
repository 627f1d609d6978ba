import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEASES, PODS } from '../../src/api/kinds.ts';
import type { ObjectMeta } from '../../src/api/meta.ts';
import { connect } from '../../src/cli/connect.ts';
import { recordingTerminal } from '../cli/recording-terminal.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { eventually, TestCluster } from './harness.ts';

type Run = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'everynode-up-test-'));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Runs the built program as a user does; TMPDIR of its own shows what it leaves behind. */
function everynode(
  args: readonly string[],
  onStart?: (child: ReturnType<typeof spawn>) => void,
): Promise<Run> {
  const child = spawn(process.execPath, ['dist/main.js', ...args], {
    env: { ...process.env, TMPDIR: scratch },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  onStart?.(child);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

async function file(name: string, text: string): Promise<string> {
  const path = join(scratch, name);
  await writeFile(path, text);
  return path;
}

describe('everynode up', () => {
  test('--once -o json prints one line with a pod on every eligible node, and leaves nothing behind', async () => {
    const { code, stdout } = await everynode(['up', '--once', '-o', 'json']);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const view = JSON.parse(stdout) as {
      nodes: { name: string; eligible: boolean; available: boolean; pod: string }[];
    };
    expect(view).toMatchObject({
      daemonSet: 'kube-system/fluentd-elasticsearch',
      desired: 5,
      current: 5,
      ready: 5,
      available: 5,
      updated: 5,
    });
    expect(view.nodes.map(({ name, eligible, available }) => [name, eligible, available])).toEqual(
      [1, 2, 3, 4, 5].map((number) => [`node-${number}`, true, true]),
    );
    expect((await readdir(scratch)).filter((name) => name.startsWith('everynode-'))).toEqual([]);
  });

  test('a manifest with a nodeSelector runs on its nodes only, and says why not on the others', async () => {
    const path = await file(
      'ssd.yaml',
      `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: ssd-agent}
spec:
  selector: {matchLabels: {app: ssd-agent}}
  template:
    metadata: {labels: {app: ssd-agent}}
    spec:
      nodeSelector: {disktype: ssd}
      containers: [{name: agent, image: registry.k8s.io/pause:3.9}]
`,
    );
    const { code, stdout } = await everynode(['up', '--once', '-o', 'json', '-f', path]);
    expect(code).toBe(0);
    const view = JSON.parse(stdout) as { desired: number; nodes: { name: string; reason?: string }[] };
    expect(view.desired).toBe(1);
    expect(view.nodes.find(({ name }) => name === 'node-4')?.reason).toContain(
      'lacks the label disktype=ssd',
    );
  });

  test('a Lease that is lost is competed for again; Ctrl-C ends it, with a dashboard until then, and nothing is left', async () => {
    const signedIn = Promise.withResolvers<Response>();
    const { code, stdout } = await everynode(['up'], (child) => {
      let seen = '';
      let asked = false;
      child.stdout?.on('data', (chunk) => {
        seen += String(chunk);
        const [, address, key] = /^Watch it at (http:\S+)#key=(\S+)$/m.exec(seen) ?? [];
        if (asked || !seen.includes('Ctrl-C ends everything')) return;
        asked = true;
        const [, kubeconfig = ''] = /export KUBECONFIG=(\S+)/.exec(seen) ?? [];
        const visit = async (): Promise<Response> => {
          const response = await signIn(address, key);
          await loseLease(kubeconfig, () => seen);
          return response;
        };
        visit()
          .then(signedIn.resolve, signedIn.reject)
          .finally(() => child.kill('SIGINT'));
      });
    });
    expect((await signedIn.promise).status).toBe(200);
    expect(code).toBe(0);
    expect(stdout).toContain('export KUBECONFIG=');
    expect((await readdir(scratch)).filter((name) => name.startsWith('everynode-'))).toEqual([]);
  });

  test('killed without mercy, its control plane still goes', async () => {
    const { code } = await everynode(['up'], (child) => {
      child.stdout?.on('data', (chunk) => {
        if (String(chunk).includes('kubectl apply')) child.kill('SIGKILL');
      });
    });
    expect(code).toBeNull();
    await eventually(async () => {
      expect((await readdir(scratch)).filter((name) => name.startsWith('everynode-'))).toEqual([]);
    });
  });
});

/** Has another replica hold the Lease for a moment, until it is given back; then a pod is deleted, and made again. */
async function loseLease(kubeconfig: string, output: () => string): Promise<void> {
  const { client, transport } = await connect({ kubeconfig, logLevel: 'silent' }, recordingTerminal(), {
    logger: recordingLogger(),
  });
  try {
    const lease = { namespace: 'everynode-system', name: 'everynode-sync' };
    const holder = async (): Promise<string | undefined> =>
      (await client.get<{ spec: { holderIdentity?: string } }>(LEASES, lease)).spec.holderIdentity;
    const own = await holder();
    const hold = (holderIdentity: string): Promise<unknown> =>
      client.patch(LEASES, lease, { spec: { holderIdentity } }, { type: 'merge' });
    await hold('another');
    await eventually(() => expect(output()).toContain('The Lease was lost'));
    await hold('');
    await eventually(async () => expect(await holder()).toBe(own));
    const { items } = await client.list<{ metadata: ObjectMeta }>(PODS, { namespace: 'kube-system' });
    const [pod] = items;
    await client.delete(PODS, pod!.metadata);
    await eventually(async () => {
      const { items: now } = await client.list<{ metadata: ObjectMeta }>(PODS, { namespace: 'kube-system' });
      expect(now.map(({ metadata }) => metadata.name)).not.toContain(pod!.metadata.name);
      expect(now).toHaveLength(items.length);
    });
  } finally {
    await transport.close();
  }
}

function signIn(address: string | undefined, key: string | undefined): Promise<Response> {
  return fetch(`${address}api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key }),
  });
}

describe('bad input', () => {
  test.each([
    ['is not YAML', 'a: [b', /bad-0\.yaml:1:6: is not YAML: /],
    ['is not a DaemonSet', 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}', /holds no DaemonSet but Pod/],
    ['is empty', '', /holds no DaemonSet but nothing/],
    ['is a list', '- a\n- b', /is not a Kubernetes object: found a list/],
    ['has no name', 'apiVersion: apps/v1\nkind: DaemonSet', /metadata\.name is missing/],
  ])('a manifest that %s costs one sentence and exit code 2', async (_, text, sentence) => {
    const path = await file('bad-0.yaml', text);
    const { code, stderr, stdout } = await everynode(['up', '--once', '-f', path]);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test('a manifest that does not exist costs one sentence and exit code 2', async () => {
    const { code, stderr } = await everynode(['up', '--once', '-f', join(scratch, 'nowhere.yaml')]);
    expect(stderr).toMatch(/nowhere\.yaml does not exist; check --filename/);
    expect(code).toBe(2);
  });

  test.each([
    ['is missing', undefined, /kubeconfig .* does not exist; check --kubeconfig/],
    ['is not YAML', '{{{', /kubeconfig .* is not valid/],
    ['has no context', 'apiVersion: v1\nkind: Config', /current-context is not set/],
  ])('a kubeconfig that %s costs one sentence and exit code 2', async (_, text, sentence) => {
    const path = text === undefined ? join(scratch, 'no-kubeconfig') : await file('kubeconfig', text);
    const { code, stderr } = await everynode(['sync', '--kubeconfig', path]);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });

  test('a flag that does not exist costs exit code 2', async () => {
    const { code, stderr } = await everynode(['sync', '--no-such-flag']);
    expect(stderr).toContain("unknown option '--no-such-flag'");
    expect(code).toBe(2);
  });

  test('a server that is not there costs one sentence and exit code 1', async () => {
    const path = await file('kubeconfig', kubeconfig('https://127.0.0.1:1', 'x'));
    const { code, stderr } = await everynode(['sync', '--kubeconfig', path, '--log-level=error']);
    expect(stderr).toMatch(/the API server https:\/\/127\.0\.0\.1:1 cannot be reached/);
    expect(code).toBe(1);
  });
});

describe('with somebody else’s cluster', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await TestCluster.start({ daemonSetController: true });
    await cluster.local.addNodes([{ name: 'a' }, { name: 'b' }]);
  });

  afterAll(() => cluster?.stop());

  const all = () =>
    cluster.kubectl(
      'get',
      'namespaces,daemonsets,mutatingwebhookconfigurations,validatingwebhookconfigurations',
      '-A',
      '-o',
      'name',
    );

  test('the built-in controller makes the pods, and at the end nothing of ours is left', async () => {
    const before = await all();
    const env = ['--kubeconfig', cluster.local.kubeconfigPath];
    const path = process.env.PATH ?? '';
    process.env.PATH = `${join(cluster.local.binaries.kubectl, '..')}:${path}`;
    const { code, stdout } = await everynode(['up', '--once', '-o', 'json', ...env]).finally(() => {
      process.env.PATH = path;
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      daemonSet: 'everynode-system/fluentd-elasticsearch',
      available: 2,
    });
    await eventually(async () => expect(await all()).toBe(before));
  });

  test('a manifest of a version that is not served is refused with the one that is', async () => {
    const path = await file(
      'old.yaml',
      'apiVersion: extensions/v1beta1\nkind: DaemonSet\nmetadata: {name: old}',
    );
    const { code, stderr } = await everynode([
      'up',
      '--once',
      '-f',
      path,
      '--kubeconfig',
      cluster.local.kubeconfigPath,
    ]);
    expect(stderr).toMatch(
      /does not serve DaemonSets as extensions\/v1beta1; it serves DaemonSets as apps\/v1/,
    );
    expect(code).toBe(2);
  });

  test('credentials that the server refuses cost one sentence and exit code 2', async () => {
    const path = await file('kubeconfig', kubeconfig(cluster.local.server, 'wrong'));
    const { code, stderr } = await everynode(['sync', '--kubeconfig', path]);
    expect(stderr).toMatch(/refused the credentials/);
    expect(code).toBe(2);
  });
});

function kubeconfig(server: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token } }],
  });
}
