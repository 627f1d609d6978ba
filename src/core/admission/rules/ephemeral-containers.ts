import type { DaemonSetRule } from '../rule.ts';
import { MALFORMED, readList } from '../untrusted.ts';

/** Source: upstream `ValidatePodTemplateSpec`. */
export const ephemeralContainers: DaemonSetRule = {
  id: 'ephemeral-containers',
  level: 'deny',
  check: ({ object }) => {
    const containers = readList(object, 'spec', 'template', 'spec', 'ephemeralContainers');
    if (containers === undefined || containers === MALFORMED || containers.length === 0) return [];
    return [
      {
        path: 'spec.template.spec.ephemeralContainers',
        message:
          'are for debugging a Pod that runs (kubectl debug), and no template may have them; remove the field',
      },
    ];
  },
};
