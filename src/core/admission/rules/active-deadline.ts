import type { DaemonSetRule } from '../rule.ts';
import { MALFORMED, readField } from '../untrusted.ts';

/** Source: upstream `ValidateDaemonSetSpec`: a deadline would end pods that are to run as long as their node. */
export const activeDeadline: DaemonSetRule = {
  id: 'active-deadline',
  level: 'deny',
  check: ({ object }) => {
    const deadline = readField(object, 'spec', 'template', 'spec', 'activeDeadlineSeconds');
    if (deadline === undefined || deadline === MALFORMED) return [];
    return [
      {
        path: 'spec.template.spec.activeDeadlineSeconds',
        message:
          'is set, but the pods of a DaemonSet run for as long as their node does; remove the field. Work that has ' +
          'to end in time belongs in a Job',
      },
    ];
  },
};
