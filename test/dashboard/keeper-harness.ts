import { onTestFinished } from 'vitest';
import type { ClusterView } from '../../src/core/admission/cluster-view.ts';
import type { Board, Connection } from '../../src/core/coverage/board.ts';
import { BoardKeeper, type BoardKeeperOptions } from '../../src/dashboard/board-keeper.ts';
import { STRICT } from '../builders/plan.ts';
import { pass } from '../fakes/clock.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { FakeClient } from '../syncloop/fake-client.ts';
import { fill, followedCluster, type Listed } from './followed-cluster.ts';

export type Kept = {
  readonly keeper: BoardKeeper;
  readonly client: FakeClient;
  readonly logger: ReturnType<typeof recordingLogger>;
  readonly view: ClusterView;
  /** DaemonSets whose pods were looked at, in this order. */
  readonly looked: string[];
  readonly stop: () => Promise<void>;
};

/** A keeper at work on these objects, for tests whose time stands still. */
export async function keep(contents: Listed, options: Partial<BoardKeeperOptions> = {}): Promise<Kept> {
  const client = new FakeClient();
  const cluster = followedCluster(client);
  const looked: string[] = [];
  const view: ClusterView = {
    ...cluster.view,
    podsOf: (namespace, uid) => {
      looked.push(uid);
      return cluster.view.podsOf(namespace, uid);
    },
  };
  const logger = recordingLogger();
  const connection: Connection = { reachable: true, since: 0 };
  const keeper = new BoardKeeper({
    cluster: { ...cluster, view },
    policy: STRICT,
    logger,
    connection: () => connection,
    findings: () => undefined,
    judged: () => undefined,
    ...options,
  });
  const ending = new AbortController();
  const running = keeper.run(ending.signal);
  const stop = (): Promise<void> => {
    ending.abort();
    return running;
  };
  onTestFinished(stop);
  await fill(client, contents);
  return { keeper, client, logger, view: cluster.view, looked, stop };
}

/** Keeps the boards that a keeper tells of. */
export class Reader {
  readonly boards: Board[] = [];
  readonly leave: () => void;

  constructor({ listen }: Pick<BoardKeeper, 'listen'>) {
    this.leave = listen((board) => this.boards.push(board));
  }

  /** The board after everything that has happened. */
  async newest(): Promise<Board> {
    await pass(2_000);
    const board = this.boards.at(-1);
    if (!board) throw new Error('there is no board yet');
    return board;
  }
}

/** `namespace/name cells` of each row. */
export function shown({ daemonSets }: Board): readonly string[] {
  return daemonSets.map(({ daemonSet, cells }) => `${daemonSet} ${cells}`);
}
