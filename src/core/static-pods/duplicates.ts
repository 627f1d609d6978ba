import type { DaemonSet } from '../../api/daemonset.ts';
import { MIRROR_POD_ANNOTATION } from '../../api/keys.ts';
import type { NodeRecord } from '../../api/node.ts';
import type { StringMap } from '../../api/meta.ts';
import type { PodSpec } from '../../api/pod.ts';
import { isSameAgent, type MainAgent, soleAgent } from '../admission/practices/main-agent.ts';
import { compileEligibility } from '../scheduling/eligibility.ts';

/** Where a static Pod is, and what it is called. */
export type StaticPodName = { readonly name: string; readonly namespace: string; readonly node: string };

/** The API server's image of a static Pod, as far as it is compared. */
export type MirrorPod = StaticPodName & { readonly agent: MainAgent | undefined };

/** Static pods that do what a DaemonSet does on the same nodes. */
export type Duplicate = {
  /** `namespace/name`. */
  readonly daemonSet: string;
  readonly repository: string;
  readonly pods: readonly StaticPodName[];
};

type RawPod = {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly annotations?: StringMap };
  readonly spec?: PodSpec;
};

/** Undefined for every other Pod. */
export function mirrorPod({ metadata, spec }: RawPod): MirrorPod | undefined {
  if (metadata.annotations?.[MIRROR_POD_ANNOTATION] === undefined || !spec?.nodeName) return undefined;
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? '',
    node: spec.nodeName,
    agent: soleAgent({ spec: { template: { spec } } }),
  };
}

/** Two agents of one make on one node: a static Pod, and the pod that a DaemonSet has there. */
export function duplicates(
  daemonSets: readonly DaemonSet[],
  nodes: readonly NodeRecord[],
  mirrors: readonly MirrorPod[],
): readonly Duplicate[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return daemonSets.flatMap((daemonSet) => {
    const agent = soleAgent(daemonSet);
    if (!agent) return [];
    const isEligible = compileEligibility(daemonSet.spec.template.spec ?? {});
    const pods = mirrors.flatMap(({ agent: other, ...pod }) => {
      const node = byName.get(pod.node);
      const isDouble = other && isSameAgent(other, agent) && node && isEligible(node).shouldRun;
      return isDouble ? [pod] : [];
    });
    const { namespace, name } = daemonSet.metadata;
    return pods.length === 0
      ? []
      : [{ daemonSet: `${namespace}/${name}`, repository: agent.repository, pods }];
  });
}
