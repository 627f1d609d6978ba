export const KUBERNETES_VERSION = 'v1.36.3';
export const KWOK_VERSION = 'v0.8.0';

/** A program of the control plane: where it comes from and how it is built. */
export type Program = {
  readonly name: ProgramName;
  /** Folder under `modules/` with the go.mod that pins it. */
  readonly module: 'kubernetes' | 'etcd' | 'kwok';
  readonly version: string;
  readonly package: string;
  readonly ldflags: string;
  readonly versionArgs: readonly string[];
};

export type ProgramName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubectl'
  | 'kwok';

const [major = '', minor = ''] = KUBERNETES_VERSION.slice(1).split('.');
const VERSION_PACKAGE = 'k8s.io/component-base/version';
const KUBERNETES_LDFLAGS = [
  `-X ${VERSION_PACKAGE}.gitVersion=${KUBERNETES_VERSION}`,
  `-X ${VERSION_PACKAGE}.gitMajor=${major}`,
  `-X ${VERSION_PACKAGE}.gitMinor=${minor}`,
].join(' ');

const kubernetes = (name: ProgramName, versionArgs = ['--version']): Program => ({
  name,
  module: 'kubernetes',
  version: KUBERNETES_VERSION,
  package: `k8s.io/kubernetes/cmd/${name}`,
  ldflags: KUBERNETES_LDFLAGS,
  versionArgs,
});

/** Everything a local cluster runs, in the order in which it is built. */
export const PROGRAMS: readonly Program[] = [
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

/** The first version in the text, without its `v`: what a program prints about itself. */
export function versionIn(text: string): string | undefined {
  return /\bv?(\d+\.\d+\.\d+(?:-[\w.]+)?)\b/.exec(text)?.[1];
}
