/** What an annotation of the pod template once said, and which field says it now. */
export type ReplacedAnnotation = {
  /** A key that ends in a slash stands for all below it, the rest being the name of a container. */
  readonly annotation: string;
  readonly field: string;
  /** Where Kubernetes still reads it: the version since which it is deprecated. */
  readonly deprecatedSince?: string;
  /** What its value is. */
  readonly meaning:
    | 'critical'
    | 'tolerations'
    | 'affinity'
    | 'pod-seccomp'
    | 'container-seccomp'
    | 'container-apparmor'
    | 'init-containers'
    | 'hostname'
    | 'subdomain';
};

const SPEC = 'spec.template.spec';

const REPLACED: readonly ReplacedAnnotation[] = [
  {
    annotation: 'scheduler.alpha.kubernetes.io/critical-pod',
    field: `${SPEC}.priorityClassName`,
    meaning: 'critical',
  },
  {
    annotation: 'scheduler.alpha.kubernetes.io/tolerations',
    field: `${SPEC}.tolerations`,
    meaning: 'tolerations',
  },
  { annotation: 'scheduler.alpha.kubernetes.io/affinity', field: `${SPEC}.affinity`, meaning: 'affinity' },
  {
    annotation: 'seccomp.security.alpha.kubernetes.io/pod',
    field: 'securityContext.seccompProfile',
    meaning: 'pod-seccomp',
  },
  {
    annotation: 'container.seccomp.security.alpha.kubernetes.io/',
    field: 'securityContext.seccompProfile',
    meaning: 'container-seccomp',
  },
  {
    annotation: 'container.apparmor.security.beta.kubernetes.io/',
    field: 'securityContext.appArmorProfile',
    deprecatedSince: '1.30',
    meaning: 'container-apparmor',
  },
  {
    annotation: 'pod.beta.kubernetes.io/init-containers',
    field: `${SPEC}.initContainers`,
    meaning: 'init-containers',
  },
  {
    annotation: 'pod.alpha.kubernetes.io/init-containers',
    field: `${SPEC}.initContainers`,
    meaning: 'init-containers',
  },
  { annotation: 'pod.beta.kubernetes.io/hostname', field: `${SPEC}.hostname`, meaning: 'hostname' },
  { annotation: 'pod.beta.kubernetes.io/subdomain', field: `${SPEC}.subdomain`, meaning: 'subdomain' },
];

/** What took the place of an annotation of the pod template; undefined for one that is of today. */
export function replacementOfAnnotation(name: string): ReplacedAnnotation | undefined {
  return REPLACED.find(({ annotation }) =>
    annotation.endsWith('/') ? name.startsWith(annotation) : name === annotation,
  );
}
