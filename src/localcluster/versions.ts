export const KUBERNETES_VERSION = 'v1.36.3';
export const KWOK_VERSION = 'v0.8.0';
const CONTAINERD_VERSION = 'v2.4.2';
const HELM_VERSION = 'v4.3.1';

/** A program that a cluster needs: where it comes from and how it is built. */
export type Program<Name extends string = ProgramName> = {
  readonly name: Name;
  /** Folder under `modules/` with the go.mod that pins it. */
  readonly module: 'kubernetes' | 'etcd' | 'kwok' | 'containerd' | 'runc' | 'helm';
  readonly version: string;
  readonly package: string;
  readonly ldflags: string;
  readonly versionArgs: readonly string[];
  /** Build tags of a program that is partly C: it takes a C compiler and the libraries that the tags ask for. */
  readonly cgoTags?: string;
};

export type ControlPlaneProgramName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubectl'
  | 'kwok';

export type NodeProgramName =
  | 'kubelet'
  | 'kube-proxy'
  | 'containerd'
  | 'containerd-shim-runc-v2'
  | 'ctr'
  | 'runc';

export type ProgramName = ControlPlaneProgramName | NodeProgramName | 'helm';

const [major = '', minor = ''] = KUBERNETES_VERSION.slice(1).split('.');
const VERSION_PACKAGE = 'k8s.io/component-base/version';
const KUBERNETES_LDFLAGS = [
  `-X ${VERSION_PACKAGE}.gitVersion=${KUBERNETES_VERSION}`,
  `-X ${VERSION_PACKAGE}.gitMajor=${major}`,
  `-X ${VERSION_PACKAGE}.gitMinor=${minor}`,
].join(' ');

const kubernetes = <Name extends string>(name: Name, versionArgs = ['--version']): Program<Name> => ({
  name,
  module: 'kubernetes',
  version: KUBERNETES_VERSION,
  package: `k8s.io/kubernetes/cmd/${name}`,
  ldflags: KUBERNETES_LDFLAGS,
  versionArgs,
});

const containerd = <Name extends string>(name: Name): Program<Name> => ({
  name,
  module: 'containerd',
  version: CONTAINERD_VERSION,
  package: `github.com/containerd/containerd/v2/cmd/${name}`,
  ldflags: `-X github.com/containerd/containerd/v2/version.Version=${CONTAINERD_VERSION}`,
  versionArgs: ['-v'],
});

/** Everything a local cluster runs, in the order in which it is built. */
export const PROGRAMS: readonly Program<ControlPlaneProgramName>[] = [
  {
    name: 'etcd',
    module: 'etcd',
    version: 'v3.6.16',
    package: 'go.etcd.io/etcd/server/v3',
    ldflags: '',
    versionArgs: ['--version'],
  },
  kubernetes('kube-apiserver'),
  kubernetes('kube-controller-manager'),
  kubernetes('kube-scheduler'),
  kubernetes('kubectl', ['version', '--client']),
  {
    name: 'kwok',
    module: 'kwok',
    version: KWOK_VERSION,
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    ldflags: `-X sigs.k8s.io/kwok/pkg/consts.Version=${KWOK_VERSION}`,
    versionArgs: ['--version'],
  },
];

/** What a real node runs besides; built only for a cluster that has one. */
export const NODE_PROGRAMS: readonly Program<NodeProgramName>[] = [
  kubernetes('kubelet'),
  kubernetes('kube-proxy'),
  containerd('containerd'),
  containerd('containerd-shim-runc-v2'),
  containerd('ctr'),
  {
    name: 'runc',
    module: 'runc',
    version: 'v1.5.2',
    package: 'github.com/opencontainers/runc',
    ldflags: '',
    versionArgs: ['--version'],
    cgoTags: 'seccomp',
  },
];

/** Installs charts; built only where it is asked for. */
export const HELM: Program<'helm'> = {
  name: 'helm',
  module: 'helm',
  version: HELM_VERSION,
  package: 'helm.sh/helm/v4/cmd/helm',
  ldflags: `-X helm.sh/helm/v4/internal/version.version=${HELM_VERSION}`,
  versionArgs: ['version', '--short'],
};

/** The first version in the text, without its `v`: what a program prints about itself. */
export function versionIn(text: string): string | undefined {
  return /\bv?(\d+\.\d+\.\d+(?:-[\w.]+)?)\b/.exec(text)?.[1];
}
