import type { Readable } from 'node:stream';
import type { DaemonSet } from '../../api/daemonset.ts';
import { DAEMONSETS, NODES, PODS } from '../../api/kinds.ts';
import type { BoundPod } from '../../core/forecast/capacity.ts';
import { roomAfter } from '../../core/forecast/room-after.ts';
import { DEFAULT_POLICY, type Policy } from '../../core/policy.ts';
import { snapshotFrom } from '../../core/snapshot-of.ts';
import { admissionSettings } from '../admission-settings.ts';
import { readSnapshot } from '../daemonsets.ts';
import { type Examination, type ExaminedCluster, examineCluster } from '../examine-cluster.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import type { Reader } from '../reader.ts';
import { hasColours, type Terminal } from '../terminal.ts';
import { boundPod } from './bound-pod.ts';
import { dryRun, guessed, type Proposed } from './dry-run.ts';
import { judgePlan, type Planned, refusedPlan, type Surroundings } from './judge-plan.ts';
import type { PlanFlags } from './options.ts';
import { type Proposal, readObjects, readProposals } from './read-manifests.ts';
import { readPriority } from './read-priority.ts';
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
  const now = Date.now();
  let bound: readonly BoundPod[] = [];
  const plans = daemonSets.map((daemonSet) => {
    const room = { allocatable, bound };
    const snapshot = snapshotFrom(daemonSet, nodes, { pods: [], revisions: [] });
    const planned = judgePlan(snapshot, undefined, { daemonSets, nodes, room, policy, now });
    bound = roomAfter(daemonSet, planned, room);
    return planned;
  });
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
  const stored = await reader.list(DAEMONSETS, {}, (raw: DaemonSet) => raw);
  const { nodes, allocatable } = plannedNodes(read ?? []);
  const drafts: Draft[] = [];
  for (const { manifest } of read ? proposals : []) {
    progress.show(`asking what would be stored of ${keyOf(manifest)}`);
    const existing = await storedOne(manifest, stored, reader);
    drafts.push({ key: keyOf(manifest), existing, proposed: await dryRun(manifest, existing, transport) });
  }
  const daemonSets = withDrafts(stored ?? [], drafts);
  const plans: Planned[] = [];
  let taken: readonly BoundPod[] = (bound ?? []).filter((pod) => pod !== undefined);
  for (const { key, existing, proposed } of drafts) {
    progress.show(`planning ${key}`);
    if ('refused' in proposed) {
      plans.push(refusedPlan(key, proposed.refused));
      continue;
    }
    const { daemonSet, guess } = proposed;
    const { snapshot, isBlind } = await readSnapshot(reader, daemonSet, nodes);
    // Of nodes that may have its pod already nothing can be told.
    if (isBlind && existing) continue;
    const room = { allocatable, bound: taken, priority: await readPriority(daemonSet, reader) };
    const surroundings: Surroundings = {
      daemonSets,
      nodes,
      room,
      policy,
      now: Date.now(),
      ...(guess !== undefined && { guess }),
    };
    const planned = judgePlan(snapshot, existing, surroundings);
    plans.push(planned);
    taken = roomAfter(daemonSet, planned, room);
  }
  const text = await formatPlans(plans, reader.notRead, flags.output, colours);
  return { text, found: plans.some(hasTrouble) };
}

/** One that is to be planned, and what the API server makes of it. */
type Draft = {
  readonly key: string;
  readonly existing: DaemonSet | undefined;
  readonly proposed: Proposed;
};

/** Who may not list DaemonSets everywhere may read this one all the same. */
async function storedOne(
  manifest: DaemonSet,
  stored: readonly DaemonSet[] | undefined,
  reader: Reader,
): Promise<DaemonSet | undefined> {
  if (stored) return stored.find((each) => keyOf(each) === keyOf(manifest));
  return (await reader.get<DaemonSet>(DAEMONSETS, manifest.metadata)) ?? undefined;
}

/** All there would be: of what is applied together each is planned beside the others. */
function withDrafts(stored: readonly DaemonSet[], drafts: readonly Draft[]): readonly DaemonSet[] {
  const accepted = new Map(
    drafts.flatMap(({ key, proposed }) =>
      'daemonSet' in proposed ? [[key, proposed.daemonSet] as const] : [],
    ),
  );
  return [...stored.filter((each) => !accepted.has(keyOf(each))), ...accepted.values()];
}

function keyOf({ metadata }: DaemonSet): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function hasTrouble({ problems }: Planned): boolean {
  return problems.length > 0;
}
