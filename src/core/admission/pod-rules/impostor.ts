import { isDaemonPod, controllerOf } from '../daemon-pod-request.ts';
import type { PodRule } from '../rule.ts';
import { CLEANERS, POD_MAKERS } from '../users.ts';
import { shown } from '../untrusted.ts';

/**
 * A Pod that says a DaemonSet controls it takes the place of the agent on its node, and `kubectl drain` passes
 * it over. Only those who run DaemonSets may make one.
 */
export const impostor: PodRule = {
  id: 'impostor',
  level: 'deny',
  check: ({ kind, object, username, daemonPodMakers }) => {
    if (kind !== 'Pod' || username === '' || !isDaemonPod(object)) return [];
    if ([...POD_MAKERS, ...CLEANERS, ...daemonPodMakers].includes(username)) return [];
    const name = controllerOf(object)?.['name'];
    return [
      {
        path: 'metadata.ownerReferences',
        message:
          `names DaemonSet ${shown(typeof name === 'string' ? name : '')} as the controller, but the Pod comes from ` +
          `${shown(username)}, who runs no DaemonSets. Remove that ownerReference; if this user does run DaemonSets, ` +
          'add it to daemonPodMakers in the configuration of everynode',
      },
    ];
  },
};
