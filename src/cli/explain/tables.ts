import { counted, listNames } from '../../core/admission/list-names.ts';
import { alignColumns, type Paint } from '../columns.ts';
import { formatTime } from '../../core/format-time.ts';
import { formatAge } from '../../core/age.ts';
import {
  type Explained,
  type ExplainedGroup,
  type ExplainedNode,
  type Remedy,
  UNKNOWN_PODS,
} from '../../core/explain/explained.ts';
import { SKIPPED, verdictOnNode } from '../../core/explain/verdict.ts';

/** What the DaemonSet as a whole comes to. */
export function headline({
  daemonSet,
  total,
  eligible,
  served,
  misscheduled,
  revision,
  skipped,
}: Explained): string {
  const ofPods =
    served === undefined
      ? ['its pods are not known']
      : [
          `${served} of them with a pod`,
          ...(misscheduled ? [`${counted(misscheduled, 'node')} with a pod that should have none`] : []),
          revision === undefined ? 'its revision is not stored yet' : `revision ${revision} is current`,
        ];
  const parts = [`${eligible} of ${counted(total, 'node')} eligible`, ...ofPods];
  return `DaemonSet ${daemonSet}: ${parts.join(', ')}${skipped ? `; ${SKIPPED[skipped]}` : ''}`;
}

type Answer = { readonly eligible: boolean; readonly mayKeep: boolean; readonly pods: unknown };

/** Whether a pod belongs there: `stays` where one is kept and none would be made. */
function answerOf({ eligible, mayKeep }: Answer, hasPods: boolean, paint: Paint): string {
  if (eligible) return paint('green', 'yes');
  return mayKeep && hasPods ? paint('yellow', 'stays') : paint('dim', 'no');
}

/** A line for all nodes about which the same can be said, and beneath what would turn the answer. */
export function groupLines(groups: readonly ExplainedGroup[], paint: Paint): readonly string[] {
  const rows = groups.map((group) => [
    String(group.nodes.length),
    answerOf(group, group.pods !== 'none' && group.pods !== UNKNOWN_PODS, paint),
    group.pods,
    group.reason || '-',
    listNames(group.nodes),
  ]);
  return [
    ...alignColumns([['NODES', 'POD?', 'PODS', 'WHY NOT', 'WHICH'], ...rows]),
    ...groups.flatMap(turnLines),
  ];
}

function turnLines({ nodes, toTurnIt }: ExplainedGroup): readonly string[] {
  if (toTurnIt.length === 0) return [];
  return ['', `To have a pod on ${listNames(nodes)}:`, ...remedyLines(toTurnIt)];
}

function remedyLines(remedies: readonly Remedy[]): readonly string[] {
  return remedies.flatMap(({ steps, note }, index) => [
    ...(index === 0 ? [] : ['  or']),
    ...steps.map((step) => `  ${step}`),
    ...(note === undefined ? [] : [`  (${note})`]),
  ]);
}

/** A line for each node, up to a limit. */
export function nodeLines(nodes: readonly ExplainedNode[], limit: number, paint: Paint): readonly string[] {
  const listed = limit === 0 ? nodes : nodes.slice(0, limit);
  const rows = listed.flatMap((node) => nodeRows(node, paint));
  const heads = ['NODE', 'POD?', 'POD', 'REVISION', 'AGE', 'STATE', 'NOTE', 'WHY NOT', 'TO TURN IT'];
  const more = nodes.length - listed.length;
  return [
    ...alignColumns([heads, ...rows]),
    ...(more > 0 ? ['', `and ${counted(more, 'more node')} (--node-limit 0 lists all)`] : []),
  ];
}

function nodeRows(node: ExplainedNode, paint: Paint): readonly (readonly string[])[] {
  const [remedy] = node.toTurnIt;
  const answer = answerOf(node, node.pods.length > 0, paint);
  const why = [node.reason || '-', remedy && !node.eligible ? remedy.steps.join(' && ') : '-'];
  if (node.pods.length === 0) {
    const note = node.waitsFor ? `waits for ${node.waitsFor}` : '-';
    return [[node.node, answer, '-', '-', '-', '-', note, ...why]];
  }
  return node.pods.map((pod) => [
    node.node,
    answer,
    pod.name,
    `${pod.revision ?? '?'}${pod.current ? '' : ' (old)'}`,
    formatAge(pod.ageSeconds),
    pod.state,
    pod.note || '-',
    ...why,
  ]);
}

/** All there is to say about one node. */
export function detailLines(
  node: ExplainedNode,
  { daemonSet, served }: Pick<Explained, 'daemonSet' | 'served'>,
  paint: Paint,
): readonly string[] {
  const down =
    node.notReadySince === undefined ? [] : [`  is not ready since ${formatTime(node.notReadySince)}`];
  const turned = node.eligible ? 'To keep the pod away:' : 'To have a pod there:';
  return [
    `${paint('bold', node.node)}: ${verdictOnNode(node, daemonSet)}`,
    ...node.obstacles.map((sentence) => `  ${sentence}`),
    ...down,
    ...(served === undefined ? [`Pod: ${UNKNOWN_PODS}`] : podLines(node)),
    ...(node.toTurnIt.length > 0 ? [turned, ...remedyLines(node.toTurnIt)] : []),
  ];
}

function podLines({ pods, waitsFor }: ExplainedNode): readonly string[] {
  if (pods.length === 0) return [`Pod: none${waitsFor ? `; waits for ${waitsFor}` : ''}`];
  return pods.map(({ name, state, revision, current, ageSeconds, note, availableInSeconds }) => {
    const of = `revision ${revision ?? 'unknown'} (${current ? 'current' : 'old'})`;
    const wait = availableInSeconds === undefined ? '' : ` (${availableInSeconds} s more)`;
    return `Pod: ${name}: ${state}, ${of}, ${formatAge(ageSeconds)} old${note ? `; ${note}${wait}` : ''}`;
  });
}
