import { counted } from '../../../core/admission/list-names.ts';
import type { ExplainedGroup } from '../../../core/explain/explained.ts';
import { SKIPPED } from '../../../core/explain/verdict.ts';
import type { DaemonSetAnswer } from '../../wire.ts';
import { Remedies } from '../explain/remedies.tsx';
import { hashOf } from '../routing/route.ts';
import { capitalised } from '../text.ts';

/** Nodes about which the same can be said, and what would turn it. */
export function NodeGroups({ answer }: { readonly answer: DaemonSetAnswer }) {
  const { eligible, total, served, misscheduled = 0, groups, skipped } = answer;
  return (
    <section aria-labelledby="node-groups">
      <h2 id="node-groups">Why, node by node</h2>
      <p>
        {eligible} of {counted(total, 'node')} eligible
        {served !== undefined && `, ${served} of them with a pod`}
        {misscheduled > 0 && `, ${counted(misscheduled, 'node')} with a pod that should have none`}.
        {skipped && ` ${capitalised(SKIPPED[skipped])}.`}
      </p>
      {groups.map((group) => (
        <Group
          key={JSON.stringify([group.eligible, group.mayKeep, group.reason, group.pods])}
          group={group}
        />
      ))}
    </section>
  );
}

function Group({ group }: { readonly group: ExplainedGroup }) {
  const { nodes, eligible, pods, reason, toTurnIt } = group;
  return (
    <div class="node-group">
      <h3>
        {counted(nodes.length, 'node')}: {verdictOf(group)}
      </h3>
      {reason !== '' && <p>Why not: {reason}.</p>}
      {pods !== 'none' && <p>{pods}</p>}
      <Nodes nodes={nodes} />
      {!eligible && <Remedies title="To have a pod there" remedies={toTurnIt} />}
    </div>
  );
}

function verdictOf({ eligible, mayKeep, pods }: ExplainedGroup): string {
  if (eligible) return pods === 'none' ? 'a pod belongs there, and there is none' : 'a pod belongs there';
  if (pods === 'none') return 'no pod belongs there';
  return mayKeep ? 'none is made there, the one that is there stays' : 'a pod is there that should not be';
}

/** More are a list to open. */
const LISTED = 6;

function Nodes({ nodes }: { readonly nodes: readonly string[] }) {
  const links = nodes.slice(0, MOST).map((node) => (
    <li key={node}>
      <a href={hashOf({ view: 'node', node, options: {} })} title={node}>
        {node}
      </a>
    </li>
  ));
  if (nodes.length <= LISTED) return <ul class="chips">{links}</ul>;
  return (
    <details>
      <summary>Which nodes</summary>
      <ul class="chips">{links}</ul>
      {nodes.length > MOST && <p class="help">… and {nodes.length - MOST} more: the map has all of them.</p>}
    </details>
  );
}

/** A list of thousands of links helps nobody. */
const MOST = 100;
