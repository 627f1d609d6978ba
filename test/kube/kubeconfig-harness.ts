import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';

// Loading @kubernetes/client-node and starting plugins takes long on a machine that is busy with other things.
vi.setConfig({ testTimeout: 30_000 });

export type Context = {
  readonly server?: string;
  readonly cluster?: object;
  readonly user?: object;
  readonly namespace?: string;
};

/** A folder that ends with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'everynode-kube-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A kubeconfig of these contexts, each with a cluster and a user of its name; the first is the current one. */
export function kubeconfigOf(contexts: Readonly<Record<string, Context>>): object {
  const entries = Object.entries(contexts);
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': entries[0]?.[0],
    contexts: entries.map(([name, { namespace }]) => ({
      name,
      context: { cluster: name, user: name, namespace },
    })),
    clusters: entries.map(([name, { server, cluster }]) => ({
      name,
      cluster: { server: server ?? `https://${name}.example`, ...cluster },
    })),
    users: entries.map(([name, { user = {} }]) => ({ name, user })),
  };
}

/** Writes it and gives its path. Text is written as it is. */
export async function write(content: object | string, folder?: string, name = 'config'): Promise<string> {
  const path = join(folder ?? (await temporaryFolder()), name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
