import type { DaemonSet } from '../../api/daemonset.ts';
import { hostPortsOf } from '../admission/host-ports.ts';
import { podRequests } from '../resources/requests.ts';
import type { BoundPod } from './capacity.ts';
import type { Forecast, Room } from './forecast.ts';

/** The room that is left for whatever is applied next, once the DaemonSet has its pods where they fit. */
export function roomAfter(
  daemonSet: DaemonSet,
  { nodes, misfits }: Forecast,
  room: Room,
): readonly BoundPod[] {
  const { metadata, spec } = daemonSet;
  const effects = new Map(nodes.map(({ node, effect }) => [node, effect]));
  const full = new Set(misfits.filter(({ evicts }) => !evicts).map(({ node }) => node));
  const podSpec = spec.template.spec ?? {};
  const pod = {
    name: metadata.name,
    namespace: metadata.namespace,
    maker: `DaemonSet ${metadata.namespace}/${metadata.name}`,
    requests: podRequests(podSpec),
    hostPorts: hostPortsOf(daemonSet),
    priority: room.priority ?? 0,
  };
  const isReplaced = ({ node, controllerUid }: BoundPod): boolean => {
    const effect = effects.get(node);
    return controllerUid === metadata.uid && (effect === 'changes' || effect === 'loses');
  };
  return [
    ...room.bound.filter((each) => !isReplaced(each)),
    ...nodes
      .filter(({ node, effect }) => (effect === 'gets' || effect === 'changes') && !full.has(node))
      .map(({ node }) => ({ ...pod, node })),
  ];
}
