import { CONTROLLER_REVISION_HASH_LABEL } from '../../api/keys.ts';
import type { LabelSelector, StringMap } from '../../api/meta.ts';
import { selectorMatches } from '../scheduling/label-selector.ts';
import type { ClusterView } from './cluster-view.ts';

/** What an earlier DaemonSet of the same name left, and its successor will not take over. Names, sorted. */
export type LeftBehind = { readonly pods: readonly string[]; readonly revisions: readonly string[] };

/** The API server cuts what it makes a name from (`names.maxGeneratedNameLength`). */
const LONGEST_PREFIX = 58;

/**
 * Orphans that carry the name of a DaemonSet and that its selector does not match, so that it cannot adopt them:
 * what `--cascade=orphan` and a creation with another selector leave running.
 */
export function leftBehind(
  cluster: ClusterView,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  selector: LabelSelector,
): LeftBehind {
  const isLeft = (object: { readonly name: string; readonly labels: StringMap }): boolean =>
    isNamedAfter(object.name, name) && !selectorMatches(selector, object.labels);
  return {
    pods: cluster
      .barePods(namespace)
      .filter((pod) => !pod.terminating && CONTROLLER_REVISION_HASH_LABEL in pod.labels && isLeft(pod))
      .map((pod) => pod.name)
      .toSorted(),
    revisions: cluster
      .orphanedRevisions(namespace)
      .filter(isLeft)
      .map((revision) => revision.name)
      .toSorted(),
  };
}

/** `fluentd-x7k2p` and `fluentd-6b8f9c` are of `fluentd`, `fluentd-extra-x7k2p` is not. */
function isNamedAfter(objectName: string, name: string): boolean {
  const prefix = `${name}-`;
  const rest = [prefix, prefix.slice(0, LONGEST_PREFIX)].find((start) => objectName.startsWith(start));
  return rest !== undefined && /^[a-z0-9]+$/.test(objectName.slice(rest.length));
}
