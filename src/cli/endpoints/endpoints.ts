import { PODS, SERVICES } from '../../api/kinds.ts';
import type { NotRead } from '../../core/doctor/evidence.ts';
import { hostPortsOf } from '../../core/admission/host-ports.ts';
import {
  type DaemonEndpoints,
  daemonEndpoints,
  type RawService,
  type ReachablePod,
} from '../../core/endpoints/daemon-endpoints.ts';
import { podRecord } from '../../core/records/records.ts';
import type { PodSpec } from '../../api/pod.ts';
import { alignColumns, type Paint, painter } from '../columns.ts';
import { readDaemonSets, resourceName } from '../daemonsets.ts';
import { examineCluster } from '../examine-cluster.ts';
import type { HistoryFlags } from '../history/options.ts';
import { formatData, notReadLines, type OutputFormat } from '../output.ts';
import type { Terminal } from '../terminal.ts';

type RawPod = {
  readonly spec?: PodSpec;
  readonly status?: { readonly podIP?: string; readonly hostIP?: string };
};

/** Says how the pods of a DaemonSet are reached. Returns the exit code. */
export function endpoints(target: string, flags: HistoryFlags, terminal: Terminal): Promise<number> {
  return examineCluster(flags, terminal, async (cluster) => {
    const { reader, colours } = cluster;
    const { name } = resourceName(target, {});
    const [daemonSet] = (await readDaemonSets(name, { ...flags, allNamespaces: false }, cluster)) ?? [];
    if (!daemonSet)
      return { text: `${notReadLines(reader.notRead, painter(colours)).join('\n')}\n`, found: false };
    const { namespace, uid } = daemonSet.metadata;
    const pods = await reader.list(PODS, { namespace }, (raw: RawPod) => reachablePod(raw, uid));
    const services = await reader.list(SERVICES, { namespace }, (raw: RawService) => raw);
    const reachable = pods?.filter((pod) => pod !== undefined);
    const found = daemonEndpoints(daemonSet, reachable, services);
    return { text: await formatEndpoints(found, reader.notRead, flags.output, colours), found: false };
  });
}

/** Undefined for a pod of somebody else, or one that goes. */
function reachablePod(raw: RawPod, uid: string): ReachablePod | undefined {
  const { name, nodeName, ready, terminating, controller } = podRecord(raw);
  if (controller?.uid !== uid || nodeName === undefined || terminating) return undefined;
  const { podIP, hostIP } = raw.status ?? {};
  const ports = hostPortsOf({ spec: { template: { spec: raw.spec } } });
  return {
    name,
    node: nodeName,
    ready,
    ...(podIP && { podIP }),
    ...(hostIP && { hostIP }),
    hostPorts: ports.map(({ port, protocol }) => `${port}/${protocol}`),
  };
}

/** The answer as it is printed, with a line break at its end. */
export async function formatEndpoints(
  found: DaemonEndpoints,
  notRead: readonly NotRead[],
  output: OutputFormat,
  colours: boolean,
): Promise<string> {
  if (output === 'json' || output === 'yaml') return formatData({ ...found, notRead }, output);
  const paint = painter(colours);
  const blocks = [podLines(found, output === 'wide', paint), serviceLines(found), found.advice];
  return `${[...blocks, notReadLines(notRead, paint)]
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

/** None where the pods are not known. */
function podLines({ daemonSet, pods }: DaemonEndpoints, isWide: boolean, paint: Paint): readonly string[] {
  if (!pods) return [];
  if (pods.length === 0) return [`DaemonSet ${daemonSet} has no pods`];
  const heads = ['NODE', 'POD IP', 'NODE IP', 'HOST PORTS', 'READY', ...(isWide ? ['POD'] : [])];
  const rows = pods.map(({ node, name, ready, podIP, hostIP, hostPorts }) => [
    node,
    podIP ?? '-',
    hostIP ?? '-',
    hostPorts.join(', ') || '-',
    ready ? paint('green', 'yes') : paint('yellow', 'no'),
    ...(isWide ? [name] : []),
  ]);
  return alignColumns([heads, ...rows]);
}

/** None where the Services are not known. */
function serviceLines({ services }: DaemonEndpoints): readonly string[] {
  if (!services) return [];
  if (services.length === 0) return ['No Service selects them.'];
  const rows = services.map(({ name, ports, explanation }) => [name, ports.join(', ') || '-', explanation]);
  return alignColumns([['SERVICE', 'PORTS', 'WHAT IT GIVES'], ...rows]);
}
