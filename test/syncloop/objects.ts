import type { DaemonSet } from '../../src/api/daemonset.ts';
import type { ControllerRef } from '../../src/api/pod.ts';
import { daemonSet, type DaemonSetOverrides } from '../builders/daemonset.ts';

export type Identity = {
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
};

/** The DaemonSet of that name, with the uid `uid-<name>`. */
export function daemonSetNamed(
  name: string,
  { namespace = 'default', uid = `uid-${name}`, resourceVersion = '1' }: Identity = {},
  overrides: DaemonSetOverrides = {},
): DaemonSet {
  const built = daemonSet({ ...overrides, name });
  return { ...built, metadata: { ...built.metadata, namespace, uid, resourceVersion } };
}

/** One of that name that selects its own pods, by the label `app`. */
export function daemonSetOf(name: string, overrides: DaemonSetOverrides = {}): DaemonSet {
  const labels = { app: name };
  return daemonSetNamed(
    name,
    {},
    { selector: { matchLabels: labels }, templateMetadata: { labels }, ...overrides },
  );
}

/** The part of a record that names a DaemonSet as its controller. */
export function ownedBy({ metadata }: DaemonSet): { readonly controller: ControllerRef } {
  return { controller: { kind: 'DaemonSet', name: metadata.name, uid: metadata.uid } };
}
