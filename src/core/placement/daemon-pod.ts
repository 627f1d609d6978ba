import type { DaemonSet } from '../../api/daemonset.ts';
import { CONTROLLER_REVISION_HASH_LABEL, POD_TEMPLATE_GENERATION_LABEL } from '../../api/keys.ts';
import type { PodManifest, PodSpec } from '../../api/pod.ts';
import { controllerRefOf } from '../ownership/claim.ts';
import type { UpdateRevision } from '../rollout/pod-updated.ts';
import { addDaemonTolerations } from './daemon-tolerations.ts';
import { pinToNode } from './pin-to-node.ts';
import type { Placement } from './placement.ts';

/** For which node a Pod is made, and how it gets there. */
export type PodPlace = {
  readonly node: string;
  readonly revision: UpdateRevision;
  readonly placement?: Placement;
};

/**
 * The Pod made from the template for one node: pinned to it, tolerating what daemons tolerate, labelled with
 * its revision. Placed directly it is bound as well, and keeps its pin, so that nobody takes it for another
 * node's. The template itself is not touched; fields of it that are unknown here are copied.
 *
 * @param spec the template's, with what the configuration adds to it (`podSpecOf`).
 *
 * Source: upstream `CreatePodTemplate` and `GetPodFromTemplate`.
 */
export function newDaemonPod(
  daemonSet: DaemonSet,
  spec: PodSpec,
  { node, revision, placement = 'scheduler' }: PodPlace,
): PodManifest {
  const { metadata: template = {} } = daemonSet.spec.template;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: daemonSet.metadata.namespace,
      generateName: generateNameOf(daemonSet.metadata.name),
      labels: {
        ...template.labels,
        ...(revision.templateGeneration !== undefined && {
          [POD_TEMPLATE_GENERATION_LABEL]: revision.templateGeneration,
        }),
        ...(revision.hash !== '' && { [CONTROLLER_REVISION_HASH_LABEL]: revision.hash }),
      },
      ...(template.annotations && { annotations: template.annotations }),
      ...(template.finalizers && { finalizers: template.finalizers }),
      ownerReferences: [controllerRefOf(daemonSet)],
    },
    spec: {
      ...spec,
      ...(placement === 'direct' && { nodeName: node }),
      affinity: pinToNode(spec.affinity, node),
      tolerations: addDaemonTolerations(spec),
    },
  };
}

/** Source: upstream `ValidatePodName(name + "-", true)`: a DNS subdomain of at most 253 characters. */
function generateNameOf(name: string): string {
  return name.length < 253 ? `${name}-` : name;
}
