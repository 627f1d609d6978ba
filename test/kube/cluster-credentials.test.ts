import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, KubeconfigError, loadCluster } from '../../src/kube/cluster.ts';
import { pass, restoreTime, stopTime } from '../fakes/clock.ts';
import { kubeconfigOf, temporaryFolder, write } from './kubeconfig-harness.ts';

beforeAll(stopTime);
afterAll(restoreTime);

async function clusterFor(user: object): Promise<Cluster> {
  return loadCluster({ kubeconfig: await write(kubeconfigOf({ a: { user } })), env: {} });
}

const users: Record<string, [user: object, headers: object]> = {
  nobody: [{}, {}],
  'a token': [{ token: 't' }, { authorization: 'Bearer t' }],
  'a name and a password': [
    { username: 'me', password: 'pä:ss' },
    { authorization: `Basic ${Buffer.from('me:pä:ss').toString('base64')}` },
  ],
  'a token, for somebody else': [
    { token: 't', as: 'other' },
    { authorization: 'Bearer t', 'impersonate-user': 'other' },
  ],
};
it.each(Object.entries(users))('headers of %s', async (_, [user, headers]) => {
  expect(await (await clusterFor(user)).headers()).toEqual(headers);
});

describe('a token file', () => {
  it('is read again as it changes, without what surrounds the token', async () => {
    const folder = await temporaryFolder();
    const tokenFile = await write('one\n', folder, 'token');
    const cluster = await clusterFor({ tokenFile });
    expect(await cluster.headers()).toEqual({ authorization: 'Bearer one' });
    await write('two\n', folder, 'token');
    expect(await cluster.headers()).toEqual({ authorization: 'Bearer one' });
    await pass(61_000);
    expect(await cluster.headers()).toEqual({ authorization: 'Bearer two' });
  });

  it('counts more than a token', async () => {
    const tokenFile = await write('from the file');
    expect(await (await clusterFor({ token: 'other', tokenFile })).headers()).toEqual({
      authorization: 'Bearer from the file',
    });
  });

  it('that is refused is read at once', async () => {
    const folder = await temporaryFolder();
    const tokenFile = await write('one', folder, 'token');
    const cluster = await clusterFor({ tokenFile });
    await write('two', folder, 'token');
    cluster.refresh();
    expect(await cluster.headers()).toEqual({ authorization: 'Bearer two' });
  });

  it('that cannot be read for a moment fails for that moment only', async () => {
    const folder = await temporaryFolder();
    const tokenFile = await write('one', folder, 'token');
    const cluster = await clusterFor({ tokenFile });
    await rm(tokenFile);
    await pass(61_000);
    await expect(cluster.headers()).rejects.toThrow(KubeconfigError);
    await write('two', folder, 'token');
    expect(await cluster.headers()).toEqual({ authorization: 'Bearer two' });
  });
});

describe('an exec plugin', () => {
  /** A plugin whose token counts how often it was run. */
  async function plugin(expiresInMs?: number): Promise<{ readonly user: object; readonly runs: string }> {
    const runs = await write('', await temporaryFolder(), 'runs');
    const status = {
      expirationTimestamp: expiresInMs && new Date(Date.now() + expiresInMs).toISOString(),
    };
    const script = `
      const fs = require('node:fs');
      fs.accessSync(${JSON.stringify(runs)});
      fs.appendFileSync(${JSON.stringify(runs)}, 'x');
      const token = 'run-' + fs.readFileSync(${JSON.stringify(runs)}, 'utf8').length;
      const kind = 'ExecCredential', apiVersion = 'client.authentication.k8s.io/v1';
      console.log(JSON.stringify({ kind, apiVersion, status: { token, ...${JSON.stringify(status)} } }));`;
    return {
      user: {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: process.execPath,
          args: ['-e', script],
        },
      },
      runs,
    };
  }

  it('is run once, and not for every request', async () => {
    const { user } = await plugin();
    const cluster = await clusterFor(user);
    await Promise.all(Array.from({ length: 20 }, () => cluster.headers()));
    await pass(31_000);
    expect(await cluster.headers()).toEqual({ authorization: 'Bearer run-1' });
  });

  it('is run again when its token has expired', async () => {
    const { user } = await plugin(40_000);
    const cluster = await clusterFor(user);
    await pass(39_000);
    expect(await cluster.headers()).toEqual({ authorization: 'Bearer run-1' });
    await pass(31_000);
    expect(await cluster.headers()).toEqual({ authorization: 'Bearer run-2' });
  });

  it('is run again when its token is refused, also before that expires, and the new one stays', async () => {
    const { user } = await plugin();
    const cluster = await clusterFor(user);
    cluster.refresh();
    expect(await Promise.all([cluster.headers(), cluster.headers()])).toEqual([
      { authorization: 'Bearer run-2' },
      { authorization: 'Bearer run-2' },
    ]);
    await pass(31_000);
    expect(await cluster.headers()).toEqual({ authorization: 'Bearer run-2' });
  });

  it('that fails is run again for the next request', async () => {
    const { user, runs } = await plugin();
    const cluster = await clusterFor(user);
    await rm(runs);
    cluster.refresh();
    await expect(cluster.headers()).rejects.toThrow(KubeconfigError);
    await write('', join(runs, '..'), 'runs');
    expect(await cluster.headers()).toEqual({ authorization: 'Bearer run-1' });
  });
});

it('a kubeconfig that was written anew is read when the old token is refused, and not before', async () => {
  const folder = await temporaryFolder();
  const kubeconfig = await write(kubeconfigOf({ a: { user: { token: 'old' } } }), folder);
  const cluster = await loadCluster({ kubeconfig, env: {} });
  await write(kubeconfigOf({ a: { user: { token: 'new' } } }), folder);
  await pass(61_000);
  expect(await cluster.headers()).toEqual({ authorization: 'Bearer old' });
  cluster.refresh();
  expect(await cluster.headers()).toEqual({ authorization: 'Bearer new' });
});
