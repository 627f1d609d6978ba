import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NAMESPACE, RELEASE, renderObjects } from './chart/template.ts';
import type { TestCluster } from './harness.ts';

/** The parts of the chart that have a ServiceAccount each. */
export type Part = 'sync' | 'webhook' | 'audit' | 'dashboard';

const KINDS = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];

/**
 * The namespace, and the ServiceAccount of one part of the chart with the rights that the chart gives it, and no other.
 * Returns its name.
 */
export async function chartAccount(cluster: TestCluster, part: Part, values: object = {}): Promise<string> {
  const name = `${RELEASE}-${part}`;
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  for (const object of await renderObjects({ values })) {
    if (KINDS.includes(object.kind) && object.metadata.name === name) await cluster.apply(object);
  }
  return name;
}

/** A kubeconfig with the rights of that account. Returns its path. */
export async function leastPrivilege(
  cluster: TestCluster,
  part: Part = 'sync',
  values: object = {},
): Promise<string> {
  const name = await chartAccount(cluster, part, values);
  const token = (await cluster.kubectl('create', 'token', name, '-n', NAMESPACE)).trim();
  const kubeconfig = (await readFile(cluster.local.kubeconfigPath, 'utf8')).replaceAll(
    cluster.local.token,
    token,
  );
  const path = join(cluster.local.dataDir, `${name}.kubeconfig`);
  await writeFile(path, kubeconfig, { mode: 0o600 });
  return path;
}
