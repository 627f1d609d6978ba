import type { Finding } from '../../../src/core/audit/finding.ts';
import { judgedOf } from '../../../src/core/audit/judged.ts';
import type { Board, BoardRow } from '../../../src/core/coverage/board.ts';
import { listedCluster } from '../../../src/core/admission/listed-cluster.ts';
import { groupingsOf } from '../../../src/core/coverage/groupings.ts';
import { DEFAULT_POLICY } from '../../../src/core/policy.ts';
import { Answers } from '../../../src/dashboard/answers.ts';
import { createApp } from '../../../src/dashboard/app.ts';
import { EventStreams } from '../../../src/dashboard/event-streams.ts';
import { readPageFiles } from '../../../src/dashboard/page-files.ts';
import { startDashboardServer } from '../../../src/dashboard/server.ts';
import { Sessions } from '../../../src/dashboard/sessions.ts';
import { daemonSet } from '../../builders/daemonset.ts';
import { node } from '../../builders/node.ts';
import { boardRow } from '../../dashboard/page/board.ts';
import { recordingLogger } from '../../fakes/logger.ts';

const KEY = 'the-key-of-the-link';
const ZONES = ['eu-a', 'eu-b', 'eu-c'];
const POOLS = ['system', 'workers', 'gpu', 'spot', 'ingress'];

/** The dashboard's own server with a board that no cluster stands behind. */
export type LargeDashboard = {
  readonly link: string;
  readonly board: () => Board;
  /** Sends every page what changed. */
  readonly show: (board: Board) => void;
  /** As if an audit had found these. */
  readonly judge: (findings: readonly Finding[]) => void;
  /** How many pages are sent what changes. */
  readonly streams: () => number;
  readonly stop: () => Promise<void>;
};

export async function startLargeDashboard(nodeCount: number, setCount: number): Promise<LargeDashboard> {
  const nodes = Array.from({ length: nodeCount }, (_, at) =>
    node(`ip-10-0-${String(at).padStart(4, '0')}.eu.compute.internal`, {
      labels: {
        'topology.kubernetes.io/zone': ZONES[at % ZONES.length] ?? '',
        'karpenter.sh/nodepool': POOLS[at % POOLS.length] ?? '',
      },
    }),
  );
  const daemonSets = Array.from({ length: setCount }, (_, at) => {
    const name = `agent-${String(at).padStart(3, '0')}`;
    const made = daemonSet({ name });
    return { ...made, metadata: { ...made.metadata, uid: `uid-${name}` } };
  });
  const logger = recordingLogger();
  const cluster = listedCluster({ nodes, daemonSets });
  const rows = daemonSets.map((set, at): BoardRow => {
    const cells = nodes.map((_, place) => codeOf(at, place)).join('');
    return boardRow(`default/${set.metadata.name}`, cells, { tone: /^a+$/.test(cells) ? 'good' : 'busy' });
  });
  let board: Board = {
    nodes: nodes.map(({ name }) => ({ name })),
    groupings: groupingsOf(nodes),
    daemonSets: rows,
    connection: { reachable: true, since: Date.now() },
  };
  let found: readonly Finding[] = [];
  const listeners = new Set<(board: Board) => void>();
  const streams = new EventStreams({
    source: {
      listen: (listener) => {
        listeners.add(listener);
        listener(board);
        return () => void listeners.delete(listener);
      },
    },
  });
  const app = createApp({
    files: await readPageFiles(),
    sessions: new Sessions({
      client: { create: () => Promise.reject(new Error('no tokens here')) },
      logger,
      key: KEY,
    }),
    streams,
    answers: new Answers({
      cluster,
      nodes: () => nodes,
      daemonSets: () => daemonSets,
      policy: DEFAULT_POLICY,
    }),
    findings: async () => ({ findings: found, suppressed: [], pending: 0 }),
    about: { version: '0', cluster: 'https://nowhere.invalid' },
    isEncrypted: false,
    waitsFor: () => undefined,
    logger,
  });
  const server = await startDashboardServer({ host: '127.0.0.1', port: 0, app });
  const show = (next: Board): void => {
    board = next;
    for (const listener of listeners) listener(next);
  };
  return {
    link: `http://127.0.0.1:${server.port}/#key=${KEY}`,
    board: () => board,
    show,
    judge: (findings) => {
      found = findings;
      show({ ...board, judged: judgedOf({ findings, suppressed: [] }, []) });
    },
    streams: () => streams.size,
    stop: async () => {
      streams.close();
      await server.close();
    },
  };
}

/** Mostly as it should be; one rollout under way, and a few nodes in trouble. */
function codeOf(set: number, place: number): string {
  if (set === 2) return place % 3 === 0 ? 'a' : 'o';
  if (set === 5 && place % 1_000 === 7) return 't';
  return 'a';
}
