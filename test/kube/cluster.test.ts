import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Cluster, loadCluster } from '../../src/kube/cluster.ts';
import { kubeconfigOf, temporaryFolder, write } from './kubeconfig-harness.ts';

const serverOf = ({ server }: Cluster): string => server;

describe('the kubeconfig', () => {
  it('is the file that is given, before all others', async () => {
    const kubeconfig = await write(kubeconfigOf({ given: {} }));
    const KUBECONFIG = await write(kubeconfigOf({ other: {} }));
    expect(serverOf(await loadCluster({ kubeconfig, env: { KUBECONFIG } }))).toBe('https://given.example');
  });

  it('is that of $KUBECONFIG, before that of the home folder', async () => {
    const HOME = await temporaryFolder();
    await mkdir(join(HOME, '.kube'));
    await write(kubeconfigOf({ home: {} }), join(HOME, '.kube'));
    expect(serverOf(await loadCluster({ env: { HOME } }))).toBe('https://home.example');
    const KUBECONFIG = await write(kubeconfigOf({ env: {} }));
    expect(serverOf(await loadCluster({ env: { HOME, KUBECONFIG } }))).toBe('https://env.example');
    expect(serverOf(await loadCluster({ env: { HOME, KUBECONFIG: '' } }))).toBe('https://home.example');
  });

  it('may be YAML as kubectl writes it', async () => {
    const kubeconfig = await write(`
apiVersion: v1
kind: Config
current-context: a
preferences: {}
contexts:
- name: a
  context: {cluster: a, user: a, namespace: "123"}
clusters:
- name: a
  cluster:
    server: https://a.example:6443
users:
- name: a
  user:
    token: 123456
`);
    const cluster = await loadCluster({ kubeconfig, env: {} });
    expect([cluster.server, cluster.namespace]).toEqual(['https://a.example:6443', '123']);
    expect(await cluster.headers()).toEqual({ authorization: 'Bearer 123456' });
  });
});

describe('several files in $KUBECONFIG', () => {
  it('are one kubeconfig, in which the first that says something counts', async () => {
    const first = await write({
      ...kubeconfigOf({ both: { server: 'https://first.example' } }),
      'current-context': '',
    });
    const second = await write(kubeconfigOf({ second: {}, both: { server: 'https://second.example' } }));
    const third = await write(kubeconfigOf({ third: {} }));
    const env = { KUBECONFIG: [first, second, third].join(delimiter) };
    expect(serverOf(await loadCluster({ env }))).toBe('https://second.example');
    expect(serverOf(await loadCluster({ env, context: 'both' }))).toBe('https://first.example');
    expect(serverOf(await loadCluster({ env, context: 'third' }))).toBe('https://third.example');
  });

  it('need not all be there', async () => {
    const missing = join(await temporaryFolder(), 'missing');
    const there = await write(kubeconfigOf({ there: {} }));
    const env = { KUBECONFIG: ['', missing, there].join(delimiter) };
    expect(serverOf(await loadCluster({ env }))).toBe('https://there.example');
  });

  it('name files beside themselves', async () => {
    const first = await write(kubeconfigOf({ first: {} }));
    const folder = await temporaryFolder();
    await write('secret', folder, 'token');
    const second = await write(kubeconfigOf({ second: { user: { tokenFile: 'token' } } }), folder);
    const env = { KUBECONFIG: [first, second].join(delimiter) };
    const cluster = await loadCluster({ env, context: 'second' });
    expect(await cluster.headers()).toEqual({ authorization: 'Bearer secret' });
  });
});

describe('the context', () => {
  it('is the current one, or that which is given', async () => {
    const kubeconfig = await write(kubeconfigOf({ a: { namespace: 'x' }, b: {} }));
    const a = await loadCluster({ kubeconfig, env: {} });
    expect([a.server, a.namespace]).toEqual(['https://a.example', 'x']);
    const b = await loadCluster({ kubeconfig, context: 'b', env: {} });
    expect([b.server, b.namespace]).toEqual(['https://b.example', 'default']);
  });

  it.each([
    ['https://a.example/', 'https://a.example'],
    ['https://a.example/clusters/c1//', 'https://a.example/clusters/c1'],
    ['https://[::1]:6443', 'https://[::1]:6443'],
    ['http://127.0.0.1:8001', 'http://127.0.0.1:8001'],
  ])('may lead to %s', async (server, url) => {
    const kubeconfig = await write(kubeconfigOf({ a: { server } }));
    expect(serverOf(await loadCluster({ kubeconfig, env: {} }))).toBe(url);
  });

  it('may do without a user', async () => {
    const content = kubeconfigOf({ a: { server: 'http://127.0.0.1:8001' } });
    const contexts = [{ name: 'a', context: { cluster: 'a' } }];
    const kubeconfig = await write({ ...content, contexts, users: null });
    expect(await (await loadCluster({ kubeconfig, env: {} })).headers()).toEqual({});
  });
});
