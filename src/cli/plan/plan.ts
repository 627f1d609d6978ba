import type { Readable } from 'node:stream';
import type { DaemonSet } from '../../api/daemonset.ts';
import { DAEMONSETS, NODES, PODS } from '../../api/kinds.ts';
import { DEFAULT_POLICY, type Policy } from '../../core/policy.ts';
import { snapshotFrom } from '../../core/snapshot-of.ts';
import { admissionSettings } from '../admission-settings.ts';
import { readSnapshot } from '../daemonsets.ts';
import { type Examination, type ExaminedCluster, examineCluster } from '../examine-cluster.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { hasColours, type Terminal } from '../terminal.ts';
import { boundPod } from './bound-pod.ts';
import { dryRun, guessed } from './dry-run.ts';
import { judgePlan, type Planned, refusedPlan, type Surroundings } from './judge-plan.ts';
import type { PlanFlags } from './options.ts';
import { type Proposal, readObjects, readProposals } from './read-manifests.ts';
import { nodesOfFile, plannedNode, plannedNodes } from './read-nodes.ts';
import { formatPlans } from './report.ts';

/**
 * Says what applying DaemonSets would come to: which nodes get, keep, change or lose a pod, in which steps, and
 * where that would not work. Changes nothing.
 *
 * @returns the exit code: 1 when something would not work, else 3 when something could not be read, else 0.
 * @throws UsageError, KubeconfigError, ConfigurationError
 */
export async function plan(flags: PlanFlags, stdin: Readable, terminal: Terminal): Promise<number> {
  const { extraTolerations } = await admissionSettings(flags);
  const policy = { ...DEFAULT_POLICY, extraTolerations };
  if (flags.nodes !== undefined) return planOffline(flags, flags.nodes, policy, { stdin, terminal });
  return examineCluster(flags, terminal, async (cluster) => {
    const proposals = await readProposals(flags.filename, stdin, flags.namespace ?? cluster.namespace);
    return planLive(proposals, flags, policy, cluster);
  });
}

async function planOffline(
  flags: PlanFlags,
  file: string,
  policy: Policy,
  { stdin, terminal }: { readonly stdin: Readable; readonly terminal: Terminal },
): Promise<number> {
  const proposals = await readProposals(flags.filename, stdin, flags.namespace ?? 'default');
  const refused = proposals.find(({ refusal }) => refusal !== undefined);
  if (refused?.refusal !== undefined) throw new UsageError(refused.refusal);
  const { nodes, allocatable } = nodesOfFile(await readObjects([file], stdin), file);
  const daemonSets = proposals.map(({ manifest }) => guessed(manifest));
  const surroundings: Surroundings = {
    daemonSets,
    nodes,
    room: { allocatable, bound: [] },
    policy,
    now: Date.now(),
  };
  const plans = daemonSets.map((daemonSet) =>
    judgePlan(snapshotFrom(daemonSet, nodes, { pods: [], revisions: [] }), undefined, surroundings),
  );
  const colours = hasColours(terminal.stdout, terminal.env);
  terminal.stdout.write(await formatPlans(plans, [], flags.output, colours));
  return plans.some(hasTrouble) ? EXIT.failure : EXIT.ok;
}

async function planLive(
  proposals: readonly Proposal[],
  flags: PlanFlags,
  policy: Policy,
  { reader, transport, progress, colours }: ExaminedCluster,
): Promise<Examination> {
  progress.show('reading nodes, pods and DaemonSets');
  const read = await reader.list(NODES, {}, plannedNode);
  const bound = await reader.list(PODS, {}, boundPod);
  const stored = (await reader.list(DAEMONSETS, {}, (raw: DaemonSet) => raw)) ?? [];
  const { nodes, allocatable } = plannedNodes(read ?? []);
  const plans: Planned[] = [];
  for (const { manifest } of read ? proposals : []) {
    const key = keyOf(manifest);
    progress.show(`planning ${key}`);
    const existing = stored.find((each) => keyOf(each) === key);
    const proposed = await dryRun(manifest, existing, transport);
    if ('refused' in proposed) {
      plans.push(refusedPlan(key, proposed.refused));
      continue;
    }
    const { daemonSet, guess } = proposed;
    const others = stored.filter((each) => keyOf(each) !== key);
    const surroundings: Surroundings = {
      daemonSets: [...others, daemonSet],
      nodes,
      room: { allocatable, bound: (bound ?? []).filter((pod) => pod !== undefined) },
      policy,
      now: Date.now(),
      ...(guess !== undefined && { guess }),
    };
    const { snapshot, isBlind } = await readSnapshot(reader, daemonSet, nodes);
    // Of nodes that may have its pod already nothing can be told.
    if (isBlind && existing) continue;
    plans.push(judgePlan(snapshot, existing, surroundings));
  }
  const text = await formatPlans(plans, reader.notRead, flags.output, colours);
  return { text, found: plans.some(hasTrouble) };
}

function keyOf({ metadata }: DaemonSet): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function hasTrouble({ problems }: Planned): boolean {
  return problems.length > 0;
}
