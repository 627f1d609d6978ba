import type { History, Moment, SeenDaemonSet, SeenNode, SeenPod } from './history.ts';
import { budgetOf, shouldRun, surges } from './oracle.ts';

/**
 * How far behind the API server what a deletion was decided on may be. Watches lag and break off, and a refused
 * request is sent again for some seconds; the proxy never refuses a watch twice in a row, so more than this is
 * not to be expected. After an outage the watches come back late, each in its own time.
 */
const WINDOW_MS = 10_000;
const WINDOW_AFTER_OUTAGE_MS = 25_000;

export type Evidence = {
  readonly pods: History<SeenPod>;
  readonly nodes: History<SeenNode>;
  readonly daemonSets: History<SeenDaemonSet>;
  /** uids of the pods whose deletion the sync loop asked for. */
  readonly byLoop: ReadonlySet<string>;
  /** uids of the pods that the chaos deleted itself. */
  readonly byOthers: ReadonlySet<string>;
  /** When the API server came back. */
  readonly outages: readonly number[];
};

export type Judgement = {
  readonly violations: readonly string[];
  /** Deletions by the sync loop that were judged. */
  readonly deletions: number;
  /** Of these, those that took an available, outdated pod from an eligible node and were within the budget. */
  readonly rolled: number;
  /** Deletions during which the observer itself missed something. */
  readonly unjudged: number;
};

export function judge(evidence: Evidence): Judgement {
  const { moments } = evidence.pods;
  const doubled = moments.flatMap((moment, index) => doubledAt(moment, moments[index - 1], evidence));
  const { violations, ...counts } = judgeDeletions(evidence);
  return { ...counts, violations: [...doubled, ...violations] };
}

/**
 * No node has two live pods of a DaemonSet; with surge two, if they differ in revision. Asked when a pod is new:
 * those of a surge that is switched off later stay until the sync loop has heard of it, or there is one again.
 */
function doubledAt(
  { rv, at, objects }: Moment<SeenPod>,
  last: Moment<SeenPod> | undefined,
  evidence: Evidence,
): readonly string[] {
  const groups = Map.groupBy(
    [...objects.values()].filter(isLive),
    ({ daemonSet, node }) => `${daemonSet} on ${node}`,
  );
  return [...groups].flatMap(([where, pods]) => {
    const isNew = pods.some(({ name, uid }) => last?.objects.get(name)?.uid !== uid);
    if (pods.length < 2 || !isNew) return [];
    const [{ daemonSet }] = pods as [SeenPod];
    const surged = evidence.daemonSets.before(rv, at, windowAt(at, evidence)).some((seen) => {
      const found = seen.get(daemonSet);
      return found !== undefined && surges(found);
    });
    const differ = new Set(pods.map(({ template }) => template)).size === pods.length;
    if (surged && differ && pods.length === 2) return [];
    return [`doubled: ${where}: ${pods.map(({ name, template }) => `${name} (${template})`).join(', ')}`];
  });
}

/**
 * The loop decides on caches that lag behind, each for itself, so what was the case when a pod was deleted proves
 * nothing. But its caches are always three states that once were, the pods' with the loop's own deletions on top,
 * for those it always knows. So a deletion is wrong if it is wrong for every pod state, node state and spec of the
 * last seconds, each with all pods taken out that the loop deleted until then. No lag raises a false alarm, and
 * whoever deletes more than the budget is found out, because his own deletions are in all of these states.
 */
function judgeDeletions(evidence: Evidence): Judgement {
  const { pods, byLoop, byOthers } = evidence;
  const gone = new Set<string>();
  const violations: string[] = [];
  const counts = { deletions: 0, rolled: 0, unjudged: 0 };
  for (const [index, moment] of pods.moments.entries()) {
    const before = pods.moments[index - 1]?.objects ?? new Map<string, SeenPod>();
    for (const pod of before.values()) {
      if (!byLoop.has(pod.uid) || gone.has(pod.uid) || !isDeletedBy(moment, pod)) continue;
      gone.add(pod.uid);
      if (byOthers.has(pod.uid) || !isLive(pod)) continue;
      if (sawLoss(evidence, moment.at)) {
        counts.unjudged += 1;
        continue;
      }
      counts.deletions += 1;
      const verdict = judgeDeletion({ pod, moment, gone, evidence });
      if (verdict === 'within budget') counts.rolled += 1;
      else if (verdict !== 'free') violations.push(verdict);
    }
  }
  return { violations, ...counts };
}

type Deletion = {
  readonly pod: SeenPod;
  readonly moment: Moment<SeenPod>;
  /** uids of the pods that the loop had deleted by then, this one among them. */
  readonly gone: ReadonlySet<string>;
  readonly evidence: Evidence;
};

function judgeDeletion({ pod, moment: { rv, at }, gone, evidence }: Deletion): string {
  const windowMs = windowAt(at, evidence);
  const specs = evidence.daemonSets.before(rv, at, windowMs).map((seen) => seen.get(pod.daemonSet));
  const nodeStates = evidence.nodes.before(rv, at, windowMs);
  const podStates = evidence.pods.before(rv, at, windowMs);
  let isWithinBudget = false;
  let least = Infinity;
  for (const spec of distinct(specs)) {
    if (!spec) continue;
    for (const nodes of nodeStates) {
      const eligible = [...nodes.values()].filter((node) => shouldRun(spec, node)).map(({ name }) => name);
      if (!eligible.includes(pod.node)) return 'free';
      for (const pods of podStates) {
        const own = [...pods.values()].filter(({ daemonSet }) => daemonSet === pod.daemonSet);
        if (isFree(pod, own, spec)) return 'free';
        if (!mayRoll(pod, spec) || !own.some(({ uid }) => uid === pod.uid)) continue;
        const lacking = unavailable(eligible, own, gone);
        least = Math.min(least, lacking - budgetOf(spec, eligible.length));
        isWithinBudget ||= lacking <= budgetOf(spec, eligible.length);
      }
    }
  }
  if (isWithinBudget) return 'within budget';
  const why = least === Infinity ? 'though no rollout asked for it' : `with ${least} unavailable too many`;
  return `availability: ${pod.daemonSet} on ${pod.node}: ${pod.name} (${pod.template}) was deleted at ${rv}, ${why}`;
}

/** Costs no availability: it was not ready, or another pod serves the node, or a duplicate is pruned. */
function isFree(pod: SeenPod, own: readonly SeenPod[], spec: SeenDaemonSet): boolean {
  const seen = own.find(({ uid }) => uid === pod.uid);
  if (!seen) return false;
  if (!seen.ready || !isLive(seen)) return true;
  const others = own.filter(({ uid, node }) => node === pod.node && uid !== pod.uid).filter(isLive);
  return others.some((other) => !surges(spec) || other.ready);
}

function mayRoll({ template }: SeenPod, spec: SeenDaemonSet): boolean {
  return !spec.onDelete && !surges(spec) && template !== spec.template;
}

function unavailable(
  eligible: readonly string[],
  own: readonly SeenPod[],
  gone: ReadonlySet<string>,
): number {
  const serving = new Set(
    own.filter((pod) => isLive(pod) && pod.ready && !gone.has(pod.uid)).map(({ node }) => node),
  );
  return eligible.filter((node) => !serving.has(node)).length;
}

function isLive({ ended, terminating }: SeenPod): boolean {
  return !ended && !terminating;
}

function isDeletedBy({ objects }: Moment<SeenPod>, { name, uid }: SeenPod): boolean {
  const now = objects.get(name);
  return now?.uid !== uid || now.terminating;
}

function windowAt(at: number, { outages }: Evidence): number {
  const isRecent = outages.some((end) => end > at - WINDOW_AFTER_OUTAGE_MS && end < at + 5_000);
  return isRecent ? WINDOW_AFTER_OUTAGE_MS : WINDOW_MS;
}

function sawLoss(evidence: Evidence, at: number): boolean {
  const { pods, nodes, daemonSets } = evidence;
  const windowMs = windowAt(at, evidence) + 1_000;
  return [pods, nodes, daemonSets].some((history) => history.lostWithin(at, windowMs));
}

/** Specs that differ in more than their status. */
function distinct(specs: readonly (SeenDaemonSet | undefined)[]): readonly (SeenDaemonSet | undefined)[] {
  return [...new Map(specs.map((spec) => [spec?.generation, spec])).values()];
}
