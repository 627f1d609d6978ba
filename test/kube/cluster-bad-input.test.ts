import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KubeconfigError, loadCluster } from '../../src/kube/cluster.ts';
import { type Context, kubeconfigOf, temporaryFolder, write } from './kubeconfig-harness.ts';

/** What is said to the user about it, without the path. */
async function refusal(options: Partial<Parameters<typeof loadCluster>[0]>): Promise<string> {
  const error = await loadCluster({ env: {}, ...options }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(KubeconfigError);
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  return message;
}

describe('a kubeconfig that is missing', () => {
  it('was given', async () => {
    const kubeconfig = join(await temporaryFolder(), 'missing');
    expect(await refusal({ kubeconfig })).toBe(
      `the kubeconfig ${kubeconfig} does not exist; check --kubeconfig or $KUBECONFIG`,
    );
  });

  it('is all that $KUBECONFIG names', async () => {
    const folder = await temporaryFolder();
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    expect(await refusal({ env: { KUBECONFIG: `${a}:${b}`, HOME: folder } })).toContain(
      `${a} does not exist`,
    );
  });

  it('would have been in the home folder', async () => {
    const HOME = await temporaryFolder();
    expect(await refusal({ env: { HOME } })).toBe(
      `no cluster to talk to: neither $KUBECONFIG nor ${HOME}/.kube/config exists, and this is no pod of a cluster; give --kubeconfig FILE`,
    );
  });
});

it('a kubeconfig that cannot be read', async () => {
  const kubeconfig = await temporaryFolder();
  expect(await refusal({ kubeconfig })).toBe(
    `the kubeconfig ${kubeconfig} cannot be read (EISDIR); check --kubeconfig or $KUBECONFIG`,
  );
});

describe('a kubeconfig that is none', () => {
  const texts: Record<string, [text: string, said: string]> = {
    'is empty': ['', 'it is empty, or not a mapping with clusters, users and contexts'],
    'is text': ['hello', 'it is empty, or not a mapping'],
    'is a list': ['- a', 'it is empty, or not a mapping'],
    'is broken YAML': ['clusters: [', 'Flow sequence in block collection'],
    'is a binary': ['\u0000\u0001\u0002: {', 'at line 1'],
    'has a cluster without a server': [
      'clusters: [{name: a, cluster: {}}]',
      'clusters[0].cluster.server is missing',
    ],
    'has a context without a cluster': [
      'contexts: [{name: a, context: {}}]',
      'contexts[0].context.cluster is missing',
    ],
    'has a user without a name': ['users: [{user: {}}]', 'users[0].name is missing'],
    'has nothing in its lists': ['users: [null]', 'is not valid'],
  };
  it.each(Object.entries(texts))('%s', async (_, [text, said]) => {
    const kubeconfig = await write(text);
    const message = await refusal({ kubeconfig });
    expect(message).toMatch(new RegExp(`^the kubeconfig ${kubeconfig} is not valid: `));
    expect(message).toContain(said);
  });
});

describe('a context', () => {
  const two = kubeconfigOf({ a: {}, b: {} });
  const cases: Record<string, [content: object, context: string | undefined, said: string]> = {
    'that is not there': [two, 'c', 'there is no context "c"; available: a, b'],
    'where there is none': [{}, 'c', 'there is no context "c"; available: none'],
    'that is not chosen': [
      { ...two, 'current-context': undefined },
      undefined,
      'current-context is not set; give --context, one of: a, b',
    ],
    'that is chosen and not there': [
      { ...two, 'current-context': 'c' },
      undefined,
      'current-context is not among the contexts; give --context, one of: a, b',
    ],
    'whose cluster is not there': [
      { ...two, clusters: [] },
      undefined,
      'the context "a" names the cluster "a", which is not there; check contexts[].context.cluster and clusters[].name',
    ],
    'whose user is not there': [
      { ...two, users: [] },
      'b',
      'the context "b" names the user "b", who is not there; check contexts[].context.user and users[].name',
    ],
  };
  it.each(Object.entries(cases))('%s', async (_, [content, context, said]) => {
    const kubeconfig = await write(content);
    expect(await refusal({ kubeconfig, ...(context && { context }) })).toBe(`${kubeconfig}: ${said}`);
  });

  it.each(['localhost:8080', 'ftp://a.example', 'https://:6443', 'https://a b', '/var/run/socket'])(
    'whose server is no URL: %s',
    async (server) => {
      const kubeconfig = await write(kubeconfigOf({ a: { server } }));
      expect(await refusal({ kubeconfig })).toBe(
        `${kubeconfig}: the context "a" leads to the server ${JSON.stringify(server)}, which is no URL; check clusters[].cluster.server`,
      );
    },
  );
});

describe('credentials that cannot be got', () => {
  const exec = (command: string, ...args: readonly string[]): object => ({
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args },
  });
  const cases: Record<string, [context: Context, said: string]> = {
    'from a token file that is not there': [{ user: { tokenFile: 'missing' } }, 'ENOENT'],
    'from a certificate that is not there': [
      { user: { 'client-certificate': 'missing.crt' } },
      'missing.crt',
    ],
    'because the authority is not there': [
      { cluster: { 'certificate-authority': 'missing.crt' } },
      'missing.crt',
    ],
    'from a plugin that is not there': [{ user: exec('no-such-plugin') }, 'spawn no-such-plugin ENOENT'],
    'from a plugin that fails': [
      { user: exec(process.execPath, '-e', 'console.error("log in first"); process.exit(1)') },
      'log in first',
    ],
    'from a plugin that says nothing sensible': [
      { user: exec(process.execPath, '-e', 'console.log("hi")') },
      'hi',
    ],
  };
  it.each(Object.entries(cases))('%s', async (_, [context, said]) => {
    const kubeconfig = await write(kubeconfigOf({ a: context }));
    const message = await refusal({ kubeconfig });
    expect(message).toMatch(new RegExp(`^${kubeconfig}: could not get credentials for the user: `));
    expect(message).toContain(said);
  });
});

describe('a proxy that is none of ours', () => {
  const SOCKS = 'SOCKS proxies are not supported; give one such as http://proxy.example.com:3128';
  const NONE = 'is no URL of an HTTP proxy; give one such as http://proxy.example.com:3128';

  it.each([
    ['socks5://127.0.0.1:1080', SOCKS],
    ['ftp://user:secret@proxy', NONE],
    ['proxy:3128', NONE],
    ['http://', NONE],
  ])('in a kubeconfig: %s', async (url, said) => {
    const kubeconfig = await write(kubeconfigOf({ a: { cluster: { 'proxy-url': url } } }));
    expect(await refusal({ kubeconfig })).toBe(`${kubeconfig}: proxy-url: ${said}`);
  });

  it.each([
    ['socks5://127.0.0.1:1080', SOCKS],
    ['ftp://user:secret@proxy', NONE],
    ['user:secret@proxy:x', NONE],
  ])('in the environment: %s', async (url, said) => {
    const kubeconfig = await write(kubeconfigOf({ a: {} }));
    expect(await refusal({ kubeconfig, env: { HTTPS_PROXY: url } })).toBe(`$HTTPS_PROXY: ${said}`);
  });
});
