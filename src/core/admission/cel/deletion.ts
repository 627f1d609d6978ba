import { PROTECTED_LABEL } from '../../../api/keys.ts';
import { deletionProtected } from '../rules/deletion-protected.ts';
import { orphaningDelete } from '../rules/orphaning-delete.ts';
import { celString, type Floor } from './floor.ts';

/** What is being deleted already is past judging. */
const IS_GOING = 'has(oldObject.metadata.deletionTimestamp)';
const PROTECTED =
  'is "true", so the DaemonSet may not be deleted. If it is to go, take the label off first: ' +
  `kubectl label daemonset <name> ${PROTECTED_LABEL}-`;
const ORPHANS =
  'is Orphan: its pods will run on with nothing to manage them until a DaemonSet whose selector matches them adopts ' +
  'them; delete without --cascade=orphan to have them removed';

/** The label is ours, so the API server does not look at it: without webhooks this alone keeps a DaemonSet. */
export const deletionProtectedFloor: Floor = {
  rule: deletionProtected,
  on: 'daemonsets',
  operations: ['DELETE'],
  variables: [],
  expression: `${IS_GOING} || oldObject.metadata.?labels[?${celString(PROTECTED_LABEL)}].orValue("") != "true"`,
  path: `metadata.labels[${PROTECTED_LABEL}]`,
  messageExpression: celString(PROTECTED),
  message: PROTECTED,
};

/** How many pods stay behind, only the webhook knows. */
export const orphaningDeleteFloor: Floor = {
  rule: orphaningDelete,
  on: 'daemonsets',
  operations: ['DELETE'],
  variables: [],
  expression:
    `${IS_GOING} || request.?options.?propagationPolicy.orValue("") != "Orphan" && ` +
    '!request.?options.?orphanDependents.orValue(false)',
  path: 'options.propagationPolicy',
  messageExpression: celString(ORPHANS),
  message: ORPHANS,
};
