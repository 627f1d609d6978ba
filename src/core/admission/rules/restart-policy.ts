import type { DaemonSetRule } from '../rule.ts';
import { MALFORMED, readString, shown } from '../untrusted.ts';

/** Source: upstream `ValidatePodTemplateSpecForDaemonSet` wants `Always`, which is also the default. */
export const restartPolicy: DaemonSetRule = {
  id: 'restart-policy',
  level: 'deny',
  check: ({ object }) => {
    const policy = readString(object, 'spec', 'template', 'spec', 'restartPolicy');
    if (policy === MALFORMED || policy === undefined || policy === '' || policy === 'Always') return [];
    return [
      {
        path: 'spec.template.spec.restartPolicy',
        message:
          `is ${shown(policy)}, but the pods of a DaemonSet run for as long as their node does, so only "Always" ` +
          'is allowed; set it to Always or remove the field. Work that ends belongs in a Job or an init container',
      },
    ];
  },
};
