import type { DaemonSet } from '../../api/daemonset.ts';
import type { NodeRecord } from '../../api/node.ts';
import { explainNodes } from '../../core/explain/explain-nodes.ts';
import { DEFAULT_POLICY, type Policy } from '../../core/policy.ts';
import { admissionSettings } from '../admission-settings.ts';
import { readDaemonSets, readNodes, readSnapshot, resourceName } from '../daemonsets.ts';
import { type Examination, type ExaminedCluster, examineCluster } from '../examine-cluster.ts';
import { UsageError } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { explainOnePod } from './explain-one-pod.ts';
import type { ExplainFlags } from './options.ts';
import { type Explained, explained, withoutPods } from '../../core/explain/explained.ts';
import { formatExplanations } from './report.ts';

const POD_NAMES: Readonly<Record<string, string>> = { pod: 'Pod', pods: 'Pod', po: 'Pod' };

/**
 * Says node by node why a DaemonSet has a pod there or not; or of one Pod why it is where it is.
 *
 * @param target a DaemonSet or `pod/NAME`; undefined for every DaemonSet that the flags choose.
 * @param node the only node to explain.
 * @returns the exit code.
 */
export async function explain(
  target: string | undefined,
  node: string | undefined,
  flags: ExplainFlags,
  terminal: Terminal,
): Promise<number> {
  const { kind, name } = target === undefined ? WHATEVER : resourceName(target, POD_NAMES);
  const { extraTolerations } = await admissionSettings(flags);
  const policy = { ...DEFAULT_POLICY, extraTolerations };
  return examineCluster(flags, terminal, (cluster) =>
    kind === 'Pod' && name !== undefined
      ? explainOnePod(name, flags, cluster)
      : explainDaemonSets({ name, node, policy }, flags, cluster),
  );
}

const WHATEVER: { readonly kind: string; readonly name: string | undefined } = {
  kind: 'DaemonSet',
  name: undefined,
};

type Question = {
  readonly name: string | undefined;
  readonly node: string | undefined;
  readonly policy: Policy;
};

async function explainDaemonSets(
  question: Question,
  flags: ExplainFlags,
  cluster: ExaminedCluster,
): Promise<Examination> {
  const { reader, colours } = cluster;
  const daemonSets = (await readDaemonSets(question.name, flags, cluster)) ?? [];
  const nodes = daemonSets.length === 0 ? [] : await readNodes(reader);
  const answers: Explained[] = [];
  // Without nodes there is nothing to say; the reader tells why there are none.
  if (nodes) {
    if (daemonSets.length > 0) assertKnown(question.node, nodes);
    for (const daemonSet of daemonSets) {
      answers.push(await explainOne(daemonSet, nodes, question, cluster));
    }
  }
  const shown = {
    one: question.name !== undefined,
    detailed: question.node !== undefined,
    output: flags.output,
    nodeLimit: flags.nodeLimit,
    colours,
  };
  return { text: await formatExplanations(answers, reader.notRead, shown), found: false };
}

async function explainOne(
  daemonSet: DaemonSet,
  nodes: readonly NodeRecord[],
  { node, policy }: Question,
  { reader }: ExaminedCluster,
): Promise<Explained> {
  const { snapshot, isBlind } = await readSnapshot(reader, daemonSet, nodes);
  const answer = explained(daemonSet, explainNodes(snapshot, Date.now(), policy, node), nodes);
  return isBlind ? withoutPods(answer) : answer;
}

function assertKnown(node: string | undefined, nodes: readonly NodeRecord[]): void {
  if (node === undefined || nodes.some(({ name }) => name === node)) return;
  throw new UsageError(`there is no node ${node} in the cluster; kubectl get nodes lists them`);
}
