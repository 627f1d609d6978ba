import { readContainers } from '../read-containers.ts';
import type { DaemonSetRule } from '../rule.ts';
import { readField } from '../untrusted.ts';

const SPEC = ['spec', 'template', 'spec'] as const;
const HOST_PROCESS = ['securityContext', 'windowsOptions', 'hostProcess'] as const;
const NAMESPACES = ['hostPID', 'hostIPC', 'hostNetwork'] as const;

/** What lets a pod out of its box. Some agents need it; that somebody has said so is what is asked for. */
export const privileged: DaemonSetRule = {
  id: 'privileged',
  level: 'off',
  check: ({ object }) => [
    ...hostProcesses(object).map((path) => ({
      path: `${path}.${HOST_PROCESS.join('.')}`,
      message:
        'is true: on Windows the container runs on its node itself, with all its rights. Remove it, or note why it has ' +
        'to be so in an annotation everynode.dev/ignore.privileged',
      brief: 'is true: the container runs on its node itself',
    })),
    ...readContainers(object)
      .filter(({ container }) => readField(container, 'securityContext', 'privileged') === true)
      .map(({ path }) => ({
        path: `${path}.securityContext.privileged`,
        message:
          'is true: the container is root on its node. Add only the capabilities that it needs, or note why it has ' +
          'to be so in an annotation everynode.dev/ignore.privileged',
        brief: 'is true: the container is root on its node',
      })),
    ...NAMESPACES.filter((name) => readField(object, ...SPEC, name) === true).map((name) => ({
      path: `${SPEC.join('.')}.${name}`,
      message:
        'is true: the pod shares this with its node and all that runs there. Remove it, or note why it has to be so ' +
        'in an annotation everynode.dev/ignore.privileged',
      brief: 'is true: the pod shares this with its node',
    })),
  ],
};

/** The paths of those that run on a Windows node itself: the whole pod, or some of its containers. */
function hostProcesses(object: unknown): readonly string[] {
  const holders = [
    { path: SPEC.join('.'), holder: readField(object, ...SPEC) },
    ...readContainers(object).map(({ path, container }) => ({ path, holder: container })),
  ];
  return holders.filter(({ holder }) => readField(holder, ...HOST_PROCESS) === true).map(({ path }) => path);
}
