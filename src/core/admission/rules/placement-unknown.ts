import { PLACEMENT_ANNOTATION } from '../../../api/keys.ts';
import { isPlacement } from '../../placement/placement.ts';
import type { DaemonSetRule } from '../rule.ts';
import { MALFORMED, readString, shown } from '../untrusted.ts';

/** A value that nobody knows counts as none, which is not what its author meant. */
export const placementUnknown: DaemonSetRule = {
  id: 'placement-unknown',
  level: 'warn',
  check: ({ object }) => {
    const value = readString(object, 'metadata', 'annotations', PLACEMENT_ANNOTATION);
    if (value === undefined || value === MALFORMED || isPlacement(value)) return [];
    return [
      {
        path: `metadata.annotations[${PLACEMENT_ANNOTATION}]`,
        message: `is ${shown(value)} and has no effect; set it to "scheduler" or "direct"`,
      },
    ];
  },
};
