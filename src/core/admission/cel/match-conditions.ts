import { MIRROR_POD_ANNOTATION } from '../../../api/keys.ts';
import { CLEANERS } from '../users.ts';

/** One of a webhook's or a policy's `matchConditions`: all have to hold for it to be asked. */
export type MatchCondition = { readonly name: string; readonly expression: string };

export const NOT_A_MIRROR_POD: MatchCondition = {
  name: 'not-a-mirror-pod',
  expression: `!has(object.metadata.annotations) || !("${MIRROR_POD_ANNOTATION}" in object.metadata.annotations)`,
};

/** Keeps away every Pod that no DaemonSet controls, so that nothing else in the cluster waits for us. */
export const DAEMON_PODS: readonly MatchCondition[] = [
  {
    name: 'controlled-by-a-daemonset',
    expression:
      'has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(owner, ' +
      'has(owner.controller) && owner.controller && owner.kind == "DaemonSet" && owner.apiVersion.startsWith("apps/"))',
  },
  NOT_A_MIRROR_POD,
];

/** Finalizers come off a DaemonSet that is being deleted, and namespaces get empty, even while no webhook answers. */
export const LIVE_DAEMONSETS: readonly MatchCondition[] = [
  {
    name: 'not-being-deleted',
    expression: 'request.operation != "UPDATE" || !has(oldObject.metadata.deletionTimestamp)',
  },
  {
    name: 'not-cleaned-up',
    expression: `request.operation != "DELETE" || !(request.userInfo.username in ${JSON.stringify(CLEANERS)})`,
  },
];
