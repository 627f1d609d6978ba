import { readContainers } from '../read-containers.ts';
import { MALFORMED, readList, readString } from '../untrusted.ts';

/** What a pod is there for: the program that runs first in it, helpers of others aside. */
export type MainAgent = {
  /** Of its image, without registry, tag and digest: `fluent/fluent-bit`. */
  readonly repository: string;
  /** Where it names one that is no shell; several programs can share an image. */
  readonly program: string | undefined;
  /** Of its container. */
  readonly path: string;
};

/** Images that stand beside an agent, or say nothing of what is done with them, by the last part of their name. */
const HELPERS: ReadonlySet<string> = new Set([
  'alpine',
  'bash',
  'busybox',
  'configmap-reload',
  'csi-node-driver-registrar',
  'debian',
  // One DaemonSet for each Service of type LoadBalancer, in k3s.
  'klipper-lb',
  'kube-rbac-proxy',
  'livenessprobe',
  'node-driver-registrar',
  'oauth2-proxy',
  'pause',
  'ubuntu',
]);
const SHELLS: ReadonlySet<string> = new Set(['ash', 'bash', 'dash', 'sh']);

/** Undefined where nothing but helpers is found. */
export function mainAgent(object: unknown): MainAgent | undefined {
  return agents(object).find(({ repository }) => !HELPERS.has(lastPart(repository)));
}

/** The same, but where there is nothing else a helper is what the pod is there for. */
export function soleAgent(object: unknown): MainAgent | undefined {
  return mainAgent(object) ?? agents(object)[0];
}

function agents(object: unknown): readonly MainAgent[] {
  return readContainers(object).flatMap(({ path, container }) => {
    const repository = repositoryOf(readString(container, 'image'));
    return repository === undefined ? [] : [{ repository, program: programOf(container), path }];
  });
}

/** Whether two pods of these do one job; unless both name their programs, the image decides. */
export function isSameAgent(a: MainAgent, b: MainAgent): boolean {
  if (a.repository !== b.repository) return false;
  return a.program === undefined || b.program === undefined || a.program === b.program;
}

function repositoryOf(image: unknown): string | undefined {
  if (typeof image !== 'string' || image === '') return undefined;
  const [path = ''] = image.split('@');
  const parts = path.split('/');
  const registry = parts.length > 1 && /[.:]|^localhost$/.test(parts[0] ?? '');
  const name = registry ? parts.slice(1) : parts;
  return [...name.slice(0, -1), (name.at(-1) ?? '').split(':')[0]].join('/');
}

function programOf(container: unknown): string | undefined {
  const command = readList(container, 'command');
  const [first] = command === undefined || command === MALFORMED ? [] : command;
  const program = typeof first === 'string' ? lastPart(first) : '';
  return program === '' || SHELLS.has(program) ? undefined : program;
}

function lastPart(path: string): string {
  return path.split('/').at(-1) ?? '';
}
