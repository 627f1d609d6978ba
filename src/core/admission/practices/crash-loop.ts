import { CONTROLLER_REVISION_HASH_LABEL } from '../../../api/keys.ts';
import type { PodRecord } from '../../../api/pod.ts';
import { counted, listNames } from '../list-names.ts';
import type { DaemonSetRule } from '../rule.ts';
import { daemonPods } from './daemon-pods.ts';

/** Containers that do not come up, by revision: whether the last change did it is the first question. */
export const crashLoop: DaemonSetRule = {
  id: 'crash-loop',
  level: 'off',
  check: (change) => {
    const troubled = daemonPods(change).filter(({ trouble }) => trouble !== undefined);
    const groups = new Map<string, PodRecord[]>();
    for (const pod of troubled) {
      const key = `${pod.trouble ?? ''} in revision ${pod.labels[CONTROLLER_REVISION_HASH_LABEL] ?? 'unknown'}`;
      groups.set(key, [...(groups.get(key) ?? []), pod]);
    }
    return [...groups]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, pods]) => ({
        path: 'spec.template',
        about: what,
        message:
          `has ${counted(pods.length, 'pod')} with ${what} (${listNames(pods.map(({ name }) => name).toSorted())}). See ` +
          'kubectl logs --previous; if the revision is new, kubectl rollout undo',
      }));
  },
};
