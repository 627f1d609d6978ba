import { join } from 'node:path';
import { stringify } from 'yaml';
import type { StringMap } from '../../api/meta.ts';
import type { Taint } from '../../api/node.ts';
import type { Paths } from '../binaries.ts';
import { KUBERNETES_VERSION, type NodeProgramName } from '../versions.ts';
import type { NodeNetwork } from './network.ts';

/** A real node to be started. */
export type RealNodeSpec = {
  readonly name: string;
  readonly labels?: StringMap;
  readonly taints?: readonly Taint[];
};

export const PAUSE_IMAGE = `registry.k8s.io/pause:everynode-${KUBERNETES_VERSION}`;
const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';
const KUBE_PROXY_HEALTH_PORT = 10_256;

/** Where kube-proxy says whether it is well. */
export function kubeProxyHealthUrl({ node }: NodeNetwork): string {
  return `http://${node}:${KUBE_PROXY_HEALTH_PORT}/healthz`;
}

/** The folder for the manifests of static pods. */
export function manifestsFolder(dataDir: string): string {
  return join(dataDir, 'node', 'manifests');
}

export type ConfigurationOptions = {
  readonly dataDir: string;
  readonly spec: RealNodeSpec;
  readonly network: NodeNetwork;
  readonly binaries: Paths<NodeProgramName>;
  /** Where the CNI plugins are. */
  readonly cniFolder: string;
};

/** What the node's programs read, by path below the data folder. */
export function configurationFiles(options: ConfigurationOptions): Readonly<Record<string, string>> {
  return {
    'node/containerd.toml': containerd(options),
    'node/cni/10-everynode.conflist': JSON.stringify(cni(options.network), undefined, 2),
    'node/kubelet.yaml': stringify(kubelet(options)),
    'node/kube-proxy.yaml': stringify(kubeProxy(options)),
  };
}

/** The arguments of the programs that keep running. */
export function nodeArguments({
  dataDir,
  spec,
  network,
}: ConfigurationOptions): Readonly<Record<'containerd' | 'kubelet' | 'kube-proxy', readonly string[]>> {
  const labels = Object.entries(spec.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return {
    containerd: [`--config=${join(dataDir, 'node/containerd.toml')}`],
    kubelet: [
      `--config=${join(dataDir, 'node/kubelet.yaml')}`,
      `--kubeconfig=${join(dataDir, 'kubelet.kubeconfig')}`,
      `--hostname-override=${spec.name}`,
      `--node-ip=${network.node}`,
      ...(labels.length > 0 ? [`--node-labels=${labels.join(',')}`] : []),
    ],
    'kube-proxy': [`--config=${join(dataDir, 'node/kube-proxy.yaml')}`],
  };
}

function containerd({ dataDir, binaries, cniFolder }: ConfigurationOptions): string {
  return `version = 3
root = "/var/lib/containerd"
state = "/run/containerd"

[grpc]
  address = ${text(CONTAINERD_SOCKET)}

[plugins.'io.containerd.cri.v1.images']
  # Works on every file system, inside containers too.
  snapshotter = "native"

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = ${text(PAUSE_IMAGE)}

[plugins.'io.containerd.cri.v1.runtime']
  # Where one may not protect processes from the OOM killer, pods are to run nonetheless.
  restrict_oom_score_adj = true

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
  runtime_path = ${text(binaries['containerd-shim-runc-v2'])}

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  BinaryName = ${text(binaries.runc)}
  SystemdCgroup = false

[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = [${text(cniFolder)}]
  conf_dir = ${text(join(dataDir, 'node/cni'))}
`;
}

function text(value: string): string {
  return JSON.stringify(value);
}

/** Every pod has a link of its own to the node, which routes: so also pods that are neighbours pass kube-proxy. */
function cni({ pods }: NodeNetwork): object {
  const ipam = { type: 'host-local', ranges: [[{ subnet: pods }]], routes: [{ dst: '0.0.0.0/0' }] };
  return {
    cniVersion: '1.0.0',
    name: 'everynode',
    plugins: [
      { type: 'ptp', ipMasq: false, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function kubelet({ dataDir, spec, network }: ConfigurationOptions): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: network.node,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(dataDir, 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(dataDir, 'kubelet.crt'),
    tlsPrivateKeyFile: join(dataDir, 'kubelet.key'),
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    // All pods are in one cgroup, which is ours to remove.
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${network.name}`,
    enforceNodeAllocatable: [],
    failCgroupV1: false,
    failSwapOn: false,
    // The settings of the kernel are those of the whole machine: to be checked, not to be changed.
    protectKernelDefaults: true,
    // How full the disk is, is not this node's affair, and imported images cannot be pulled again.
    evictionHard: { 'memory.available': '0%', 'nodefs.available': '0%', 'imagefs.available': '0%' },
    imageGCHighThresholdPercent: 100,
    localStorageCapacityIsolation: false,
    resolvConf: '',
    staticPodPath: manifestsFolder(dataDir),
    fileCheckFrequency: '1s',
    volumePluginDir: join(dataDir, 'node/volume-plugins'),
    nodeStatusUpdateFrequency: '2s',
    ...(spec.taints && { registerWithTaints: spec.taints }),
  };
}

function kubeProxy({ dataDir, spec, network }: ConfigurationOptions): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig: join(dataDir, 'kube-proxy.kubeconfig') },
    hostnameOverride: spec.name,
    bindAddress: network.node,
    clusterCIDR: network.pods,
    healthzBindAddress: `${network.node}:${KUBE_PROXY_HEALTH_PORT}`,
    metricsBindAddress: '127.0.0.1:10249',
    // Settings of the whole machine, again.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}
