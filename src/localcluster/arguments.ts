import { join } from 'node:path';
import { KWOK_NODE_ANNOTATION } from './nodes.ts';
import type { NodeNetwork } from './real-node/network.ts';
import type { ControlPlaneProgramName } from './versions.ts';

/** The programs that keep running; kubectl does not. */
export type ComponentName = Exclude<ControlPlaneProgramName, 'kubectl'>;

export type Layout = {
  readonly dataDir: string;
  /** The admin's. */
  readonly kubeconfigPath: string;
  readonly ports: Readonly<Record<ComponentName, number>>;
  /** The real node's network, when there is one: then the API server listens where pods reach it. */
  readonly network?: NodeNetwork;
};

export type ArgumentOptions = {
  /** Whether kube-controller-manager runs its own DaemonSet controller. */
  readonly daemonSetController: boolean;
  /** Added behind the component's own arguments: the last value of a flag wins. */
  readonly extraArgs?: Readonly<Partial<Record<ComponentName, readonly string[]>>>;
};

export type ComponentArguments = Readonly<Record<ComponentName, readonly string[]>>;

const LOOPBACK = '127.0.0.1';

/** The arguments of every component. All listen on loopback only, but the API server of a cluster with a real node. */
export function componentArguments(
  layout: Layout,
  { daemonSetController, extraArgs = {} }: ArgumentOptions,
): ComponentArguments {
  const withExtra = (name: ComponentName, own: readonly string[]): readonly string[] => [
    ...own,
    ...(extraArgs[name] ?? []),
  ];
  return {
    etcd: withExtra('etcd', etcd(layout)),
    'kube-apiserver': withExtra('kube-apiserver', apiserver(layout)),
    'kube-controller-manager': withExtra(
      'kube-controller-manager',
      controllerManager(layout, daemonSetController),
    ),
    'kube-scheduler': withExtra('kube-scheduler', scheduler(layout)),
    kwok: withExtra('kwok', kwok(layout)),
  };
}

function etcd({ dataDir, ports }: Layout): readonly string[] {
  const url = `http://${LOOPBACK}:${ports.etcd}`;
  return [
    '--name=everynode',
    `--data-dir=${join(dataDir, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    // It has no peers, and any port will do.
    `--listen-peer-urls=http://${LOOPBACK}:0`,
    // The data live no longer than the cluster.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

function apiserver(layout: Layout): readonly string[] {
  const file = fileIn(layout);
  return [
    `--etcd-servers=http://${LOOPBACK}:${layout.ports.etcd}`,
    ...secureServing(layout, 'kube-apiserver', layout.network?.host),
    ...(layout.network ? forRealNode(layout, layout.network) : WITHOUT_REAL_NODE),
    '--authorization-mode=Node,RBAC',
    // Node agents ask for it, and real clusters allow it.
    '--allow-privileged=true',
    `--token-auth-file=${file('tokens.csv')}`,
    `--client-ca-file=${file('ca.crt')}`,
    // Nobody has a certificate of that name; without the flags, the other components complain all the time.
    `--requestheader-client-ca-file=${file('ca.crt')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${file('sa.pub')}`,
    `--service-account-signing-key-file=${file('sa.key')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
  ];
}

const WITHOUT_REAL_NODE: readonly string[] = [
  `--advertise-address=${LOOPBACK}`,
  // A loopback address is no valid endpoint of the `kubernetes` Service.
  '--endpoint-reconciler-type=none',
];

function forRealNode(layout: Layout, { host }: NodeNetwork): readonly string[] {
  const file = fileIn(layout);
  return [
    `--advertise-address=${host}`,
    // Here is no kube-proxy: webhooks behind a Service are called at the addresses of their pods.
    '--enable-aggregator-routing=true',
    // For logs and exec.
    '--kubelet-preferred-address-types=InternalIP',
    `--kubelet-certificate-authority=${file('ca.crt')}`,
    `--kubelet-client-certificate=${file('kubelet-client.crt')}`,
    `--kubelet-client-key=${file('kubelet-client.key')}`,
  ];
}

function controllerManager(layout: Layout, daemonSetController: boolean): readonly string[] {
  const file = fileIn(layout);
  return [
    ...secureServing(layout, 'kube-controller-manager'),
    ...ownKubeconfig(layout, 'kube-controller-manager'),
    `--controllers=*${daemonSetController ? '' : ',-daemonset-controller'}`,
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${file('sa.key')}`,
    `--root-ca-file=${file('ca.crt')}`,
    `--cluster-signing-cert-file=${file('ca.crt')}`,
    `--cluster-signing-key-file=${file('ca.key')}`,
    // At the default of 20 requests a second, the controllers' own accounts alone take three seconds to make.
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}

function scheduler(layout: Layout): readonly string[] {
  return [
    ...secureServing(layout, 'kube-scheduler'),
    ...ownKubeconfig(layout, 'kube-scheduler'),
    '--leader-elect=false',
  ];
}

function kwok(layout: Layout): readonly string[] {
  return [
    `--kubeconfig=${layout.kubeconfigPath}`,
    `--config=${fileIn(layout)('kwok.yaml')}`,
    `--manage-nodes-with-annotation-selector=${KWOK_NODE_ANNOTATION}=fake`,
    '--node-lease-duration-seconds=40',
    `--server-address=${LOOPBACK}:${layout.ports.kwok}`,
  ];
}

function secureServing(layout: Layout, name: ComponentName, address = LOOPBACK): readonly string[] {
  const file = fileIn(layout);
  return [
    `--bind-address=${address}`,
    `--secure-port=${layout.ports[name]}`,
    `--tls-cert-file=${file('tls.crt')}`,
    `--tls-private-key-file=${file('tls.key')}`,
  ];
}

/** Who it is, and whom it asks who others are: so its metrics are read with the admin's token. */
function ownKubeconfig(layout: Layout, name: ComponentName): readonly string[] {
  const path = fileIn(layout)(`${name}.kubeconfig`);
  return [
    `--kubeconfig=${path}`,
    `--authentication-kubeconfig=${path}`,
    `--authorization-kubeconfig=${path}`,
    // The API server publishes its client CA a moment after it is ready.
    '--authentication-tolerate-lookup-failure=true',
  ];
}

function fileIn({ dataDir }: Layout): (name: string) => string {
  return (name) => join(dataDir, name);
}
