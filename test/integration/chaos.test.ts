import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Actor } from './chaos/actor.ts';
import { DirectApi } from './direct-api.ts';
import { FaultyProxy, STORMY } from './chaos/faulty-proxy.ts';
import { judge } from './chaos/judge.ts';
import { Observer } from './chaos/observer.ts';
import { finalProblems } from './chaos/oracle.ts';
import { Random } from './chaos/random.ts';
import { Replicas } from './chaos/replicas.ts';
import { TestCluster } from './harness.ts';

const SEED = Number(process.env['EVERYNODE_CHAOS_SEED'] ?? 20_261_121);
const SECONDS = Number(process.env['EVERYNODE_CHAOS_SECONDS'] ?? 45);
/** Enough for PodGC to collect the pods of deleted nodes, and for the longest back-off of a failed pod. */
const CONVERGENCE_SECONDS = 180;

/**
 * Outages make KWOK late with the nodes' Leases. If the nodes were called down for that, their pods would be marked
 * unready, and KWOK never marks them ready again as a kubelet does.
 */
const PATIENT = '--node-monitor-grace-period=1h';

let cluster: TestCluster;
let api: DirectApi;
let proxy: FaultyProxy;
let replicas: Replicas;
let observer: Observer;
let actor: Actor;

beforeAll(async () => {
  cluster = await TestCluster.start({ extraArgs: { 'kube-controller-manager': [PATIENT] } });
  api = await DirectApi.of(cluster.local);
  proxy = await FaultyProxy.start(cluster.local, new Random(SEED + 1));
  replicas = new Replicas(cluster, api, proxy.kubeconfigPath);
  observer = new Observer(api);
  actor = new Actor({ cluster, api, observer, replicas, random: new Random(SEED) });
});

afterAll(async () => {
  await observer?.stop();
  await replicas?.stop();
  await proxy?.stop();
  await api?.close();
  await cluster?.stop();
});

test(`after ${SECONDS} s of chaos all is as it should be, no pod was doubled and no budget broken`, {
  timeout: (SECONDS + 2 * CONVERGENCE_SECONDS + 60) * 1000,
}, async () => {
  observer.start();
  await actor.setUp();
  replicas.start(2);
  expect(await problemsInTheEnd()).toEqual([]);

  proxy.setFaults(STORMY);
  await actor.run(SECONDS);
  proxy.setFaults(undefined);
  const problems = await problemsInTheEnd();

  const { violations, ...judged } = judge({
    pods: observer.pods,
    nodes: observer.nodes,
    daemonSets: observer.daemonSets,
    byLoop: proxy.podDeletions,
    byOthers: actor.deleted,
    outages: actor.outages,
  });
  const story = {
    actions: actor.done,
    faults: proxy.injected,
    requests: proxy.forwarded,
    killed: replicas.killed,
    ...judged,
  };
  const told = `EVERYNODE_CHAOS_SEED=${SEED} does the same again: ${JSON.stringify({ ...story, exits: replicas.exits })}`;
  if (process.env['EVERYNODE_CHAOS_STORY']) process.stderr.write(`${told}\n`);
  expect({ problems, violations, alarms: replicas.alarms }, told).toEqual({
    problems: [],
    violations: [],
    alarms: [],
  });
});

/** What the oracle still finds wrong when it has found nothing for a while, or the time is over. */
async function problemsInTheEnd(): Promise<readonly string[]> {
  const { pods, nodes, daemonSets } = observer;
  const end = Date.now() + CONVERGENCE_SECONDS * 1000;
  let quietSince = Date.now();
  for (;;) {
    const problems = finalProblems({ nodes: nodes.now, pods: pods.now, daemonSets: daemonSets.now });
    if (problems.length > 0) quietSince = Date.now();
    if (Date.now() > quietSince + 3_000 || Date.now() > end) return problems;
    await sleep(100);
  }
}
