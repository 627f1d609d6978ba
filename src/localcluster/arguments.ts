import { join } from 'node:path';
import type { ProgramName } from './versions.ts';
import { KWOK_NODE_ANNOTATION } from './nodes.ts';

/** The programs that keep running; kubectl does not. */
export type ComponentName = Exclude<ProgramName, 'kubectl'>;

export type Layout = {
  readonly dataDir: string;
  readonly kubeconfigPath: string;
  readonly ports: { readonly [name in ComponentName | 'etcd-peer']: number };
};

export type ArgumentOptions = {
  /** Whether kube-controller-manager runs its own DaemonSet controller. */
  readonly daemonSetController: boolean;
  readonly extraArgs?: Readonly<Partial<Record<ComponentName, readonly string[]>>>;
};

/** The arguments of every component. All listen on loopback only. */
export function componentArguments(
  { dataDir, kubeconfigPath, ports }: Layout,
  { daemonSetController, extraArgs = {} }: ArgumentOptions,
): Readonly<Record<ComponentName, readonly string[]>> {
  const file = (name: string): string => join(dataDir, name);
  const etcd = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports['etcd-peer']}`;
  const client = [`--kubeconfig=${kubeconfigPath}`];
  const secure = (name: ComponentName): readonly string[] => [
    '--bind-address=127.0.0.1',
    `--secure-port=${ports[name]}`,
    `--tls-cert-file=${file('tls.crt')}`,
    `--tls-private-key-file=${file('tls.key')}`,
  ];
  const all: Record<ComponentName, readonly string[]> = {
    etcd: [
      `--data-dir=${file('etcd')}`,
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      // The data live no longer than the cluster.
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
    'kube-apiserver': [
      `--etcd-servers=${etcd}`,
      ...secure('kube-apiserver'),
      '--advertise-address=127.0.0.1',
      '--authorization-mode=Node,RBAC',
      `--token-auth-file=${file('tokens.csv')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${file('sa.pub')}`,
      `--service-account-signing-key-file=${file('sa.key')}`,
      '--service-cluster-ip-range=10.96.0.0/16',
    ],
    'kube-controller-manager': [
      ...client,
      ...secure('kube-controller-manager'),
      `--controllers=*${daemonSetController ? '' : ',-daemonset-controller'}`,
      '--leader-elect=false',
      '--use-service-account-credentials',
      `--service-account-private-key-file=${file('sa.key')}`,
      `--root-ca-file=${file('ca.crt')}`,
    ],
    'kube-scheduler': [...client, ...secure('kube-scheduler'), '--leader-elect=false'],
    kwok: [
      ...client,
      `--config=${file('kwok.yaml')}`,
      `--manage-nodes-with-annotation-selector=${KWOK_NODE_ANNOTATION}=fake`,
      '--node-lease-duration-seconds=40',
      `--server-address=127.0.0.1:${ports.kwok}`,
    ],
  };
  for (const [name, extra] of Object.entries(extraArgs)) {
    all[name as ComponentName] = [...all[name as ComponentName], ...extra];
  }
  return all;
}
