import { compileEligibility } from '../../scheduling/eligibility.ts';
import { counted } from '../list-names.ts';
import { readContainers } from '../read-containers.ts';
import { readName } from '../read-name.ts';
import { readPodSpec } from '../read-pod-spec.ts';
import type { DaemonSetRule } from '../rule.ts';
import { readString } from '../untrusted.ts';

/** Two agents of the same make on one node read the same logs twice, or fight over the same files. */
export const sameJob: DaemonSetRule = {
  id: 'same-job',
  level: 'off',
  check: ({ object, namespace, cluster }) => {
    const spec = readPodSpec(object, 'spec', 'template', 'spec');
    const repository = mainRepository(object);
    if (!cluster || !spec || repository === undefined) return [];
    const name = readName(object);
    const isEligible = compileEligibility(spec);
    return cluster.daemonSets().flatMap((other) => {
      const { metadata } = other;
      const itself = metadata.namespace === namespace && metadata.name === name;
      if (itself || metadata.deletionTimestamp || mainRepository(other) !== repository) return [];
      const runsOther = compileEligibility(other.spec.template.spec ?? {});
      const shared = cluster
        .nodes()
        .filter((node) => isEligible(node).shouldRun && runsOther(node).shouldRun);
      if (shared.length === 0) return [];
      const named = `DaemonSet ${metadata.namespace}/${metadata.name}`;
      return [
        {
          path: 'spec.template.spec.containers[0].image',
          message:
            `is of ${repository}, and so is that of ${named}, which runs on ${counted(shared.length, 'same node')}: ` +
            'two agents for one job. Remove one, or give them node selectors that have no node in common',
          brief: `is that of ${named} too, on ${counted(shared.length, 'same node')}`,
        },
      ];
    });
  },
};

/** The image of the first container without registry, tag and digest: `fluent/fluent-bit`. */
export function mainRepository(object: unknown): string | undefined {
  const [first] = readContainers(object);
  const image = readString(first?.container, 'image');
  if (typeof image !== 'string' || image === '') return undefined;
  const [path = ''] = image.split('@');
  const parts = path.split('/');
  const registry = parts.length > 1 && /[.:]|^localhost$/.test(parts[0] ?? '');
  const name = registry ? parts.slice(1) : parts;
  return [...name.slice(0, -1), (name.at(-1) ?? '').split(':')[0]].join('/');
}
