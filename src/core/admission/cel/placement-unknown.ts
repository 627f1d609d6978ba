import { PLACEMENT_ANNOTATION } from '../../../api/keys.ts';
import { placementUnknown } from '../rules/placement-unknown.ts';
import { celString, type Floor } from './floor.ts';

const KEY = celString(PLACEMENT_ANNOTATION);
const SAYS = 'and has no effect; set it to "scheduler" or "direct"';

/** The annotation is ours, so nobody else knows which values it may have. */
export const placementUnknownFloor: Floor = {
  rule: placementUnknown,
  on: 'daemonsets',
  operations: ['CREATE', 'UPDATE'],
  variables: [
    {
      name: 'placement',
      expression: `object.metadata.?annotations[?${KEY}].orValue("scheduler")`,
    },
  ],
  expression: 'variables.placement in ["scheduler", "direct"]',
  path: `metadata.annotations[${PLACEMENT_ANNOTATION}]`,
  messageExpression: `"is \\"" + variables.placement + "\\" " + ${celString(SAYS)}`,
  message: `is set to what nobody knows ${SAYS}`,
};
