import { isJsonObject, type JsonObject, MALFORMED, readList } from './untrusted.ts';

/** A container of the pod template, and where it stands. */
export type RawContainer = {
  /** Such as `spec.template.spec.containers[0]`. */
  readonly path: string;
  readonly container: JsonObject;
  /** Whether it runs for as long as the pod: a container, or a sidecar (an init container that keeps running). */
  readonly staysUp: boolean;
};

const TEMPLATE = ['spec', 'template', 'spec'] as const;

/** The containers and init containers of a DaemonSet's template. What is malformed is left out. */
export function readContainers(object: unknown): readonly RawContainer[] {
  return [
    ...listOf(object, 'containers').map((each) => ({ ...each, staysUp: true })),
    ...listOf(object, 'initContainers').map((each) => ({
      ...each,
      staysUp: each.container['restartPolicy'] === 'Always',
    })),
  ];
}

function listOf(object: unknown, field: string): readonly Omit<RawContainer, 'staysUp'>[] {
  const containers = readList(object, ...TEMPLATE, field);
  if (containers === undefined || containers === MALFORMED) return [];
  return containers.flatMap((container, index) =>
    isJsonObject(container) ? [{ path: `${TEMPLATE.join('.')}.${field}[${index}]`, container }] : [],
  );
}
