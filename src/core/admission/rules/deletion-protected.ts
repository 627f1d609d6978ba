import { PROTECTED_LABEL } from '../../../api/keys.ts';
import type { DaemonSetRule } from '../rule.ts';
import { readString } from '../untrusted.ts';

/** For agents that nothing on a node works without. Who empties a namespace is not asked (`CLEANERS`). */
export const deletionProtected: DaemonSetRule = {
  id: 'deletion-protected',
  level: 'deny',
  operations: ['DELETE'],
  check: ({ oldObject }) => {
    if (readString(oldObject, 'metadata', 'labels', PROTECTED_LABEL) !== 'true') return [];
    return [
      {
        path: `metadata.labels[${PROTECTED_LABEL}]`,
        message:
          'is "true", so the DaemonSet may not be deleted. If it is to go, take the label off first: ' +
          `kubectl label daemonset <name> ${PROTECTED_LABEL}-`,
      },
    ];
  },
};
