import { REPLACED_NODE_KEYS } from '../../deprecations/node-keys.ts';
import { readPodSpec } from '../read-pod-spec.ts';
import type { DaemonSetRule } from '../rule.ts';
import { nodeKeys } from '../node-terms.ts';

export const deprecatedNodeLabels: DaemonSetRule = {
  id: 'deprecated-node-labels',
  level: 'off',
  check: ({ object }) => {
    const spec = readPodSpec(object, 'spec', 'template', 'spec');
    if (!spec) return [];
    const tolerated = new Set((spec.tolerations ?? []).map(({ key }) => key ?? ''));
    const taints = (spec.tolerations ?? []).flatMap(({ key = '' }, at) => {
      const successor = REPLACED_NODE_KEYS.get(key);
      // Beside its successor it serves clusters of both kinds.
      return successor === undefined || tolerated.has(successor)
        ? []
        : [{ path: `spec.template.spec.tolerations[${at}].key`, key }];
    });
    return [...nodeKeys(spec), ...taints].flatMap(({ path, key }) => {
      const successor = REPLACED_NODE_KEYS.get(key);
      if (successor === undefined) return [];
      return [{ path, message: `is ${key}, which nodes no longer carry; use ${successor}` }];
    });
  },
};
