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
import { alignColumns, painter } from '../columns.ts';
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
    const reachable = (pods ?? []).filter((pod) => pod !== undefined);
    const found = daemonEndpoints(daemonSet, reachable, services ?? []);
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
  const isWide = output === 'wide';
  const pods = found.pods.map(({ node, name, ready, podIP, hostIP, hostPorts }) => [
    node,
    podIP ?? '-',
    hostIP ?? '-',
    hostPorts.join(', ') || '-',
    ready ? paint('green', 'yes') : paint('yellow', 'no'),
    ...(isWide ? [name] : []),
  ]);
  const services = found.services.map(({ name, ports, explanation }) => [
    name,
    ports.join(', ') || '-',
    explanation,
  ]);
  const heads = ['NODE', 'POD IP', 'NODE IP', 'HOST PORTS', 'READY', ...(isWide ? ['POD'] : [])];
  return `${[
    ...(pods.length > 0 ? alignColumns([heads, ...pods]) : [`DaemonSet ${found.daemonSet} has no pods`]),
    '',
    ...(services.length > 0
      ? alignColumns([['SERVICE', 'PORTS', 'WHAT IT GIVES'], ...services])
      : ['No Service selects them.']),
    ...found.advice.map((advice, index) => (index === 0 ? `\n${advice}` : advice)),
    ...notReadLines(notRead, paint),
  ].join('\n')}\n`;
}
