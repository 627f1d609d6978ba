import { readContainers } from '../read-containers.ts';
import type { DaemonSetRule } from '../rule.ts';
import { readField } from '../untrusted.ts';

const WANTED = [
  ['requests', 'cpu'],
  ['requests', 'memory'],
  ['limits', 'memory'],
] as const;

/**
 * What an agent takes is taken on every node. Without requests the scheduler does not count it, and without a
 * memory limit one leak takes nodes down. A processor limit only slows an agent, so none is asked for.
 */
export const resources: DaemonSetRule = {
  id: 'resources',
  level: 'off',
  check: ({ object }) => {
    // What the pod as a whole says counts for all its containers (`spec.resources`, Kubernetes 1.34).
    const pod = readField(object, 'spec', 'template', 'spec');
    return readContainers(object)
      .filter(({ staysUp }) => staysUp)
      .flatMap(({ path, container }) => {
        const missing = WANTED.filter(([list, what]) =>
          [container, pod].every((each) => amountOf(each, list, what) === undefined),
        );
        if (missing.length === 0) return [];
        const names = missing.map((each) => each.join('.')).join(', ');
        return [
          {
            path: `${path}.resources`,
            message: `lacks ${names}, on every node: set what the agent really uses, and a memory limit above it`,
          },
        ];
      });
  },
};

/** A limit without a request is the request as well. */
function amountOf(holder: unknown, list: 'requests' | 'limits', what: string): unknown {
  const amount = readField(holder, 'resources', list, what);
  return amount ?? (list === 'requests' ? readField(holder, 'resources', 'limits', what) : undefined);
}
