import { SERVED_VERSION } from '../../deprecations/api-versions.ts';
import { fieldFaults } from '../../schema/field-faults.ts';
import type { DaemonSetRule } from '../rule.ts';
import { readField } from '../untrusted.ts';

/** Had until apps/v1; `everynode convert` moves it. */
const OF_OLD_VERSIONS = 'spec.templateGeneration';

/** Fields that strict validation refuses, and that are dropped without it, so that what they ask for does not happen. */
export const unknownField: DaemonSetRule = {
  id: 'unknown-field',
  level: 'off',
  check: ({ object }) => {
    // Its API server, perhaps a newer one, has kept of it what it knows.
    if (readField(object, 'metadata', 'uid') !== undefined) return [];
    const isOld = readField(object, 'apiVersion') !== SERVED_VERSION;
    return fieldFaults(object)
      .filter(({ is, path }) => is === 'unknown' && !(isOld && path === OF_OLD_VERSIONS))
      .map(({ path, message }) => ({ path, message }));
  },
};
