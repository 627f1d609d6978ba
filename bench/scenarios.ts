import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender, StartContender } from './contender.ts';
import type { Stage } from './stage.ts';

/** What one run of one contender showed. Times in seconds. */
export type Run = {
  readonly created: number;
  readonly createRequests: number;
  readonly createCpu: number;
  readonly reactions: readonly number[];
  readonly rollout?: number;
  readonly rolloutCpu?: number;
  readonly many?: number;
  readonly manyCpu?: number;
  readonly settledRequests?: number;
  readonly peakBytes: number;
};

export const MANY = 30;
const REACTIONS = 20;
const SETTLED_SECONDS = 60;

export type Extent = {
  /** Whether to watch it for a settled minute. */
  readonly settled: boolean;
  /** Leaves out the rollout and the many DaemonSets, for one that would take the better part of an hour. */
  readonly brief: boolean;
};

/** One contender, from an empty cluster to an empty cluster. */
export async function runContender(
  stage: Stage,
  { start }: StartContender,
  { settled, brief }: Extent,
): Promise<Run> {
  const contender = await start();
  try {
    const creation = await measured(contender, async () => {
      await stage.create('agent');
      return stage.untilPods(stage.nodes.length);
    });
    await stage.untilRolledOut('agent', stage.nodes.length);

    const settledRequests = settled ? await requestsWhileSettled(contender) : undefined;

    const reactions = await stage.reactionsToNodes(REACTIONS);
    await stage.removeLateNodes();

    const started = {
      created: creation.seconds,
      createRequests: creation.requests,
      createCpu: creation.cpu,
      reactions,
      ...(settledRequests !== undefined && { settledRequests }),
    };
    if (brief) return { ...started, peakBytes: (await contender.usage()).peakBytes };

    const rollout = await measured(contender, async () => {
      await stage.changeImage('agent', 'registry.k8s.io/pause:3.11');
      return stage.untilRolledOut('agent', stage.nodes.length);
    });
    await stage.sweep();

    const many = await measured(contender, () => createMany(stage));
    const { peakBytes } = await contender.usage();
    return {
      ...started,
      rollout: rollout.seconds,
      rolloutCpu: rollout.cpu,
      many: many.seconds,
      manyCpu: many.cpu,
      peakBytes,
    };
  } finally {
    await contender.stop();
    await stage.sweep();
  }
}

async function requestsWhileSettled(contender: Contender): Promise<number> {
  // What was caused by the rollout has ended by then.
  await sleep(5_000);
  const before = await contender.requests();
  await sleep(SETTLED_SECONDS * 1000);
  return (await contender.requests()) - before;
}

/** Thirty DaemonSets at once, each on a tenth of the nodes. */
async function createMany(stage: Stage): Promise<number> {
  const names = Array.from({ length: MANY }, (_, index) => `agent-${index + 1}`);
  await Promise.all(names.map((name) => stage.create(name, { bench: 'tenth' })));
  return stage.untilPods(MANY * Math.ceil(stage.nodes.length / 10));
}

async function measured(
  contender: Contender,
  work: () => Promise<number>,
): Promise<{ seconds: number; cpu: number; requests: number }> {
  const [usage, requests] = [await contender.usage(), await contender.requests()];
  const seconds = await work();
  const cpu = (await contender.usage()).cpuSeconds - usage.cpuSeconds;
  return { seconds, cpu, requests: (await contender.requests()) - requests };
}
