import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { DaemonSet } from '../../api/daemonset.ts';
import { NODES, PODS } from '../../api/kinds.ts';
import { counted, listNames } from '../../core/admission/list-names.ts';
import { nodeRecord } from '../../core/records/records.ts';
import { type Duplicate, duplicates, mirrorPod } from '../../core/static-pods/duplicates.ts';
import { type StaticPod, staticPodOf } from '../../core/static-pods/static-pod.ts';
import { alignColumns, painter } from '../columns.ts';
import { namespaceOf, readDaemonSets, readNodes, resourceName } from '../daemonsets.ts';
import { type Examination, type ExaminedCluster, examineCluster } from '../examine-cluster.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { formatData, notReadLines } from '../output.ts';
import { EXTENSIONS } from '../../manifests/sources.ts';
import { readProposals } from '../plan/read-manifests.ts';
import type { Terminal } from '../terminal.ts';
import type { StaticPodFlags } from './options.ts';

/**
 * Renders DaemonSets as static Pods, from files without a cluster, or one that is stored; without a target, finds
 * static Pods that do what a DaemonSet does.
 *
 * @returns the exit code: 1 when a kubelet would not run it, or when there are duplicates.
 */
export async function staticPods(
  target: string | undefined,
  flags: StaticPodFlags,
  stdin: Readable,
  terminal: Terminal,
): Promise<number> {
  if (target === undefined)
    return examineCluster(flags, terminal, (cluster) => findDuplicates(flags, cluster));
  if (await isPath(target)) {
    if (flags.forNode !== undefined) {
      throw new UsageError(
        '--for-node: needs a cluster to look the node up; give the name of a stored DaemonSet',
      );
    }
    const proposals = await readProposals([target], stdin, flags.namespace ?? 'default');
    const text = await rendered(
      proposals.map(({ manifest }) => staticPodOf(manifest, undefined)),
      flags,
      terminal,
    );
    terminal.stdout.write(text.text);
    return text.found ? EXIT.failure : EXIT.ok;
  }
  const { name } = resourceName(target, {});
  return examineCluster(flags, terminal, async (cluster) => {
    const daemonSets = (await readDaemonSets(name, flags, cluster)) ?? [];
    const node = flags.forNode === undefined ? undefined : await readNode(flags.forNode, cluster);
    return rendered(
      daemonSets.map((daemonSet) => staticPodOf(daemonSet, node)),
      flags,
      terminal,
    );
  });
}

/** What is there as a file or folder is meant as such, and so is what is named like a manifest. */
async function isPath(target: string): Promise<boolean> {
  if (target === '-' || EXTENSIONS.test(target)) return true;
  return (await stat(target).catch(() => undefined)) !== undefined;
}

async function readNode(
  name: string,
  { reader }: ExaminedCluster,
): Promise<ReturnType<typeof nodeRecord> | undefined> {
  const raw = await reader.get(NODES, { namespace: '', name });
  if (raw === null)
    throw new UsageError(`there is no node ${name} in the cluster; kubectl get nodes lists them`);
  return raw === undefined ? undefined : nodeRecord(raw);
}

/** The manifests on stdout, ready for a kubelet's folder; what is to be said of them on stderr. */
async function rendered(
  pods: readonly StaticPod[],
  { output }: StaticPodFlags,
  { stderr }: Terminal,
): Promise<Examination> {
  for (const { manifest, notes, problems } of pods) {
    for (const note of notes) stderr.write(`${manifest.metadata.name}: ${note}\n`);
    for (const problem of problems) stderr.write(`${manifest.metadata.name}: problem: ${problem}\n`);
  }
  const format = output === 'json' ? 'json' : 'yaml';
  const texts = await Promise.all(pods.map(({ manifest }) => formatData(manifest, format)));
  return {
    text: texts.join(format === 'yaml' ? '---\n' : ''),
    found: pods.some(({ problems }) => problems.length > 0),
  };
}

async function findDuplicates(flags: StaticPodFlags, cluster: ExaminedCluster): Promise<Examination> {
  const { reader, colours } = cluster;
  const namespace = namespaceOf(flags, cluster);
  const daemonSets: readonly DaemonSet[] = (await readDaemonSets(undefined, flags, cluster)) ?? [];
  const nodes = (await readNodes(reader)) ?? [];
  // A static Pod may be in another namespace than the DaemonSet that does its job.
  const mirrors = ((await reader.list(PODS, {}, mirrorPod)) ?? []).filter((pod) => pod !== undefined);
  const found = duplicates(daemonSets, nodes, mirrors);
  if (flags.output === 'json' || flags.output === 'yaml') {
    return {
      text: await formatData({ duplicates: found, notRead: reader.notRead }, flags.output),
      found: found.length > 0,
    };
  }
  const where = namespace === undefined ? 'all namespaces' : `the namespace ${namespace}`;
  const summary = `looked at ${counted(daemonSets.length, 'DaemonSet')} of ${where} and ${counted(mirrors.length, 'static pod')}`;
  const lines = [...duplicateLines(found), summary, ...notReadLines(reader.notRead, painter(colours))];
  return { text: `${lines.join('\n')}\n`, found: found.length > 0 };
}

function duplicateLines(found: readonly Duplicate[]): readonly string[] {
  if (found.length === 0) return [];
  const rows = found.map(({ daemonSet, repository, pods }) => [
    daemonSet,
    repository,
    String(pods.length),
    listNames(pods.map(({ namespace, name }) => `${namespace}/${name}`)),
  ]);
  return [...alignColumns([['DAEMONSET', 'IMAGE', 'STATIC PODS', 'WHICH'], ...rows]), ''];
}
