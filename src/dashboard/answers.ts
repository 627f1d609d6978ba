import type { DaemonSet } from '../api/daemonset.ts';
import type { NodeRecord } from '../api/node.ts';
import type { ClusterView } from '../core/admission/cluster-view.ts';
import { byName } from '../core/coverage/board.ts';
import { type Explained, explained } from '../core/explain/explained.ts';
import { explainNodes } from '../core/explain/explain-nodes.ts';
import type { Policy } from '../core/policy.ts';
import { InvalidStrategyError } from '../core/rollout/update-strategy.ts';
import { snapshotOf } from '../core/snapshot-of.ts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RefusedError } from './refused-error.ts';
import type { CellAnswer, DaemonSetAnswer, NodeAnswer } from './wire.ts';

export type AnswersOptions = {
  readonly cluster: ClusterView;
  /** Sorted by name. */
  readonly nodes: () => readonly NodeRecord[];
  /** Those that are shown. */
  readonly daemonSets: () => readonly DaemonSet[];
  readonly policy: Policy;
};

/** What `explain` says, of the caches. */
export class Answers {
  readonly #options: AnswersOptions;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** @throws RefusedError 404, 422 for a DaemonSet that means nothing */
  ofCell(daemonSet: string, node: string): CellAnswer {
    return { ...onNode(this.#explain(this.#daemonSet(daemonSet), node), node), daemonSet };
  }

  /** @throws RefusedError 404, 422 for a DaemonSet that means nothing */
  ofDaemonSet(daemonSet: string): DaemonSetAnswer {
    const { nodes: _, ...answer } = this.#explain(this.#daemonSet(daemonSet));
    return answer;
  }

  /**
   * In turns, for there may be many.
   *
   * @param isAwaited whether anybody still waits for the answer.
   * @throws RefusedError 404
   */
  async ofNode(node: string, isAwaited: () => boolean): Promise<NodeAnswer> {
    const { nodes, daemonSets } = this.#options;
    if (!nodes().some(({ name }) => name === node)) throw goneNode(node);
    const answers: CellAnswer[] = [];
    for (const daemonSet of daemonSets()) {
      if (!isAwaited()) break;
      try {
        const { nodes: answered, daemonSet: key } = this.#explain(daemonSet, node);
        answers.push(...answered.map((cell) => ({ ...cell, daemonSet: key })));
      } catch (error) {
        // The board does not show it either.
        if (!(error instanceof RefusedError)) throw error;
      }
      await nextTurn();
    }
    return { node, daemonSets: answers.toSorted(byName) };
  }

  #daemonSet(key: string): DaemonSet {
    const found = this.#options
      .daemonSets()
      .find(({ metadata: { namespace, name } }) => `${namespace}/${name}` === key);
    if (found) return found;
    throw new RefusedError(404, `there is no DaemonSet ${key} (any more)`);
  }

  #explain(daemonSet: DaemonSet, only?: string): Explained {
    const { cluster, policy } = this.#options;
    const nodes = this.#options.nodes();
    try {
      const explanation = explainNodes(snapshotOf(daemonSet, cluster, nodes), Date.now(), policy, only);
      return explained(daemonSet, explanation, nodes);
    } catch (error) {
      if (error instanceof InvalidStrategyError) throw new RefusedError(422, error.message, { cause: error });
      throw error;
    }
  }
}

function onNode({ nodes: [answer] }: Explained, node: string): Explained['nodes'][number] {
  if (answer) return answer;
  throw goneNode(node);
}

function goneNode(node: string): RefusedError {
  return new RefusedError(404, `there is no node ${node} (any more)`);
}
