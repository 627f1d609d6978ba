import { readContainers } from '../read-containers.ts';
import type { DaemonSetRule } from '../rule.ts';
import { readField } from '../untrusted.ts';

/** Without one, a container counts as ready once it runs, and a rollout goes on over agents that do not work. */
export const readinessProbe: DaemonSetRule = {
  id: 'readiness-probe',
  level: 'off',
  check: ({ object }) => {
    const containers = readContainers(object).filter(({ staysUp }) => staysUp);
    const probed = containers.some(({ container }) => readField(container, 'readinessProbe') !== undefined);
    const [first] = containers;
    if (probed || !first) return [];
    return [
      {
        path: `${first.path}.readinessProbe`,
        message:
          'is missing, and no other container has one: a rollout goes on to the next node as soon as the agent ' +
          'starts, working or not. Add a probe that fails while the agent does not do its job',
        brief: 'is missing: a rollout goes on as soon as the agent starts',
      },
    ];
  },
};
