import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestCluster } from './harness.ts';

const NAMESPACE = 'everynode-system';
const NAME = 'everynode';

const CLUSTER_RULES = [
  { apiGroups: ['apps'], resources: ['daemonsets'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['apps'], resources: ['daemonsets/status'], verbs: ['patch'] },
  { apiGroups: ['apps'], resources: ['daemonsets/finalizers'], verbs: ['update'] },
  {
    apiGroups: ['apps'],
    resources: ['controllerrevisions'],
    verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
  },
  { apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'create'] },
];
/** Of the Lease and the probe, in our own namespace only. */
const OWN_RULES = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update', 'patch'] },
  { apiGroups: ['apps'], resources: ['daemonsets'], verbs: ['create', 'delete'] },
];

/** The namespace and the ServiceAccount `everynode`, which may do what the sync loop has to do, and nothing else. */
export async function ownAccount(cluster: TestCluster): Promise<void> {
  const rbac = 'rbac.authorization.k8s.io';
  const metadata = { name: NAME, namespace: NAMESPACE };
  const subjects = [{ kind: 'ServiceAccount', ...metadata }];
  const of = (kind: string): object => ({ subjects, roleRef: { apiGroup: rbac, kind, name: NAME } });
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: NAME }, rules: CLUSTER_RULES },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name: NAME }, ...of('ClusterRole') },
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules: OWN_RULES },
    { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata, ...of('Role') },
  ];
  for (const object of objects) await cluster.apply(object);
}

/** A kubeconfig with the rights of that account. Returns its path. */
export async function leastPrivilege(cluster: TestCluster): Promise<string> {
  await ownAccount(cluster);
  const token = (await cluster.kubectl('create', 'token', NAME, '-n', NAMESPACE)).trim();
  const kubeconfig = (await readFile(cluster.local.kubeconfigPath, 'utf8')).replaceAll(
    cluster.local.token,
    token,
  );
  const path = join(cluster.local.dataDir, 'everynode.kubeconfig');
  await writeFile(path, kubeconfig, { mode: 0o600 });
  return path;
}
