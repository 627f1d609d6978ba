import type { DaemonSetRule } from '../rule.ts';
import { readField } from '../untrusted.ts';

const FIELDS = ['minReadySeconds', 'revisionHistoryLimit'] as const;

/** Source: upstream `ValidateDaemonSetSpec` and `ValidateNonnegativeField`. */
export const notNegative: DaemonSetRule = {
  id: 'not-negative',
  level: 'deny',
  check: ({ object }) =>
    FIELDS.flatMap((name) => {
      const value = readField(object, 'spec', name);
      if (typeof value !== 'number' || value >= 0) return [];
      return [{ path: `spec.${name}`, message: `is ${value}; set it to 0 or more, or remove the field` }];
    }),
};
