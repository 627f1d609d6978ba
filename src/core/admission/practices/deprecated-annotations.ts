import type { DaemonSetRule } from '../rule.ts';
import { isJsonObject, readField } from '../untrusted.ts';

/** Annotations that have become fields. A key that ends in a slash stands for all below it. */
const REPLACED: readonly (readonly [string, string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'spec.template.spec.priorityClassName'],
  ['scheduler.alpha.kubernetes.io/tolerations', 'spec.template.spec.tolerations'],
  ['scheduler.alpha.kubernetes.io/affinity', 'spec.template.spec.affinity'],
  ['seccomp.security.alpha.kubernetes.io/', 'securityContext.seccompProfile'],
  ['container.seccomp.security.alpha.kubernetes.io/', 'securityContext.seccompProfile'],
  ['container.apparmor.security.beta.kubernetes.io/', 'securityContext.appArmorProfile'],
  ['pod.beta.kubernetes.io/init-containers', 'spec.template.spec.initContainers'],
  ['pod.alpha.kubernetes.io/init-containers', 'spec.template.spec.initContainers'],
  ['pod.beta.kubernetes.io/hostname', 'spec.template.spec.hostname'],
];

/** What they said is no longer heard, or soon will not be. */
export const deprecatedAnnotations: DaemonSetRule = {
  id: 'deprecated-annotations',
  level: 'off',
  check: ({ object }) => {
    const annotations = readField(object, 'spec', 'template', 'metadata', 'annotations');
    if (!isJsonObject(annotations)) return [];
    return Object.keys(annotations).flatMap((name) => {
      const [, field] =
        REPLACED.find(([old]) => (old.endsWith('/') ? name.startsWith(old) : name === old)) ?? [];
      if (field === undefined) return [];
      return [
        {
          path: `spec.template.metadata.annotations[${name}]`,
          message: `is an annotation of the past, which Kubernetes no longer reads; use ${field}`,
        },
      ];
    });
  },
};
