import { readName } from '../read-name.ts';
import { readPodSpec } from '../read-pod-spec.ts';
import { sharingWith } from '../shared-nodes.ts';
import type { DaemonSetRule } from '../rule.ts';
import { isSameAgent, mainAgent } from './main-agent.ts';

/** Two agents of the same make on one node read the same logs twice, or fight over the same files. */
export const sameJob: DaemonSetRule = {
  id: 'same-job',
  level: 'off',
  check: ({ object, namespace, cluster }) => {
    const spec = readPodSpec(object, 'spec', 'template', 'spec');
    const agent = mainAgent(object);
    if (!cluster || !spec || !agent) return [];
    const name = readName(object);
    const sharing = sharingWith(cluster, spec);
    return cluster.daemonSets().flatMap((other) => {
      const { metadata } = other;
      const itself = metadata.namespace === namespace && metadata.name === name;
      const rival = mainAgent(other);
      if (itself || metadata.deletionTimestamp || !rival || !isSameAgent(agent, rival)) return [];
      const shared = sharing(other.spec.template.spec ?? {});
      if (!shared) return [];
      const named = `DaemonSet ${metadata.namespace}/${metadata.name}`;
      return [
        {
          path: `${agent.path}.image`,
          about: named,
          message:
            `is of ${agent.repository}, and so is that of ${named}, which runs ${shared.where}: ` +
            'two agents for one job. Remove one, or give them node selectors that have no node in common',
          brief: `is that of ${named} too, ${shared.where}`,
        },
      ];
    });
  },
};
