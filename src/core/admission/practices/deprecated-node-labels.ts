import { readPodSpec } from '../read-pod-spec.ts';
import type { DaemonSetRule } from '../rule.ts';
import { nodeKeys } from './node-terms.ts';

/** Labels and taints that nodes no longer get, with those that took their place. */
const REPLACED: ReadonlyMap<string, string> = new Map([
  ['beta.kubernetes.io/os', 'kubernetes.io/os'],
  ['beta.kubernetes.io/arch', 'kubernetes.io/arch'],
  ['beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type'],
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['node-role.kubernetes.io/master', 'node-role.kubernetes.io/control-plane'],
  ['node.alpha.kubernetes.io/notReady', 'node.kubernetes.io/not-ready'],
  ['node.alpha.kubernetes.io/unreachable', 'node.kubernetes.io/unreachable'],
]);

export const deprecatedNodeLabels: DaemonSetRule = {
  id: 'deprecated-node-labels',
  level: 'off',
  check: ({ object }) => {
    const spec = readPodSpec(object, 'spec', 'template', 'spec');
    if (!spec) return [];
    const tolerated = new Set((spec.tolerations ?? []).map(({ key }) => key ?? ''));
    const taints = (spec.tolerations ?? []).flatMap(({ key = '' }, at) => {
      const successor = REPLACED.get(key);
      // Beside its successor it serves clusters of both kinds.
      return successor === undefined || tolerated.has(successor)
        ? []
        : [{ path: `spec.template.spec.tolerations[${at}].key`, key }];
    });
    return [...nodeKeys(spec), ...taints].flatMap(({ path, key }) => {
      const successor = REPLACED.get(key);
      if (successor === undefined) return [];
      return [{ path, message: `is ${key}, which nodes no longer carry; use ${successor}` }];
    });
  },
};
