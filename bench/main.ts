import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { builtIn, everynode } from './contender.ts';
import { memoryOfPods, timeReconcile } from './offline.ts';
import { clusterReport, machineReport, offlineReport, type Results } from './report.ts';
import { type Run, runContender } from './scenarios.ts';
import { Stage } from './stage.ts';
import { measureWebhook } from './webhook/measure.ts';
import { webhookReport } from './webhook/report.ts';

const USAGE = `npm run bench -- [--nodes N] [--runs N] [--default-runs N] [--part all|cluster|offline|webhook] [--write]

Measures everynode beside the built-in DaemonSet controller on a local control plane, its core alone, and its
webhook beside other servers.
  --nodes N         simulated nodes, and pods posted through the webhook (default 1000)
  --runs N          runs of each contender (default 3)
  --default-runs N  runs of the built-in controller with its default limits, which take minutes (default 1)
  --part PART       what to measure (default all)
  --seconds N       how long each webhook server is under load (default 15)
  --write           write the measured parts into BENCHMARKS.md
`;

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    runs: { type: 'string', default: '3' },
    'default-runs': { type: 'string', default: '1' },
    part: { type: 'string', default: 'all' },
    seconds: { type: 'string', default: '15' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const say = (text: string): void =>
  void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
const FILE = join(import.meta.dirname, '../BENCHMARKS.md');

if (values.help) process.stdout.write(USAGE);
else await bench();

async function bench(): Promise<void> {
  const parts: Record<string, string> = { machine: machineReport(new Date()) };
  const wanted = (part: string): boolean => values.part === 'all' || values.part === part;
  if (!existsSync(join(import.meta.dirname, '../dist/main.js'))) throw new Error('run npm run build first');
  if (wanted('cluster')) parts['cluster'] = clusterReport(await measureCluster());
  if (wanted('webhook')) {
    const bench = {
      runs: Number(values.runs),
      seconds: Number(values.seconds),
      pods: Number(values.nodes),
    };
    parts['webhook'] = webhookReport(await measureWebhook(bench, say));
  }
  if (wanted('offline')) parts['offline'] = measureOffline();
  for (const text of Object.values(parts)) process.stdout.write(`${text}\n\n`);
  if (values.write) await writeParts(parts);
}

async function measureCluster(): Promise<Results> {
  const nodes = Number(values.nodes);
  const stage = await Stage.set(nodes, say);
  const { cluster } = stage;
  const fast = Number(values.runs);
  const contenders = [
    { ...everynode(cluster, 'everynode'), wanted: fast, brief: false },
    {
      ...builtIn(cluster, 'built-in, limits lifted', ['--kube-api-qps=5000', '--kube-api-burst=10000']),
      wanted: fast,
      brief: false,
    },
    {
      ...builtIn(cluster, 'built-in, default limits', []),
      wanted: Number(values['default-runs']),
      brief: true,
    },
  ];
  const plain: number[] = [];
  const runs = new Map<string, Run[]>(contenders.map(({ name }) => [name, []]));
  try {
    // In turns, so that a busy moment of the machine hits all of them.
    for (let round = 0; round < Math.max(...contenders.map(({ wanted }) => wanted)); round += 1) {
      plain.push(nodes / (await stage.postLoop()));
      await stage.sweep();
      say(`round ${round + 1}: plain loop ${plain.at(-1)?.toFixed(0)} pods/s`);
      for (const contender of contenders.filter(({ wanted }) => round < wanted)) {
        const run = await runContender(stage, contender, { settled: round === 0, brief: contender.brief });
        runs.get(contender.name)?.push(run);
        say(`round ${round + 1}: ${contender.name} ${summaryOf(run, nodes)}`);
      }
    }
  } finally {
    await stage.clear();
  }
  const named = [...runs].map(([name, list]) => ({ name, runs: list }));
  return { nodes, plain, contenders: named.filter((each) => each.runs.length > 0) };
}

/** One run in a line, for who waits for the rest. */
function summaryOf({ created, reactions, rollout, settledRequests, peakBytes }: Run, nodes: number): string {
  const slowest = Math.max(...reactions);
  return [
    `${(nodes / created).toFixed(0)} pods/s`,
    `node to pod at most ${(slowest * 1000).toFixed(0)} ms`,
    ...(rollout === undefined ? [] : [`rollout ${rollout.toFixed(0)} s`]),
    ...(settledRequests === undefined ? [] : [`${settledRequests} requests in a settled minute`]),
    `${(peakBytes / 1024 / 1024).toFixed(0)} MiB`,
  ].join(', ');
}

function measureOffline(): string {
  say('reconcile alone');
  const sizes = [
    [100, 1],
    [1_000, 1],
    [5_000, 1],
    [1_000, 30],
    [5_000, 30],
  ] as const;
  const timings = sizes.map(([nodes, daemonSets]) => timeReconcile(nodes, daemonSets));
  return offlineReport(timings, memoryOfPods(5_000, 30));
}

/** Each part stands between two marks; what was not measured stays. */
async function writeParts(parts: Readonly<Record<string, string>>): Promise<void> {
  let text = await readFile(FILE, 'utf8');
  for (const [name, content] of Object.entries(parts)) {
    const between = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
    text = text.replace(between, (_, begin: string, end: string) => `${begin}${content}\n${end}`);
  }
  await writeFile(FILE, text);
  say(`wrote ${FILE}`);
}
