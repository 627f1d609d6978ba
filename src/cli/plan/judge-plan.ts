import type { DaemonSet } from '../../api/daemonset.ts';
import type { NodeRecord } from '../../api/node.ts';
import { counted, listNames } from '../../core/admission/list-names.ts';
import { listedCluster } from '../../core/admission/listed-cluster.ts';
import { hostPortClash } from '../../core/admission/rules/host-port-clash.ts';
import { daemonTax, type Misfit } from '../../core/forecast/capacity.ts';
import { type Effect, type Forecast, forecast, type Room } from '../../core/forecast/forecast.ts';
import { SKIPPED } from '../../core/explain/verdict.ts';
import { type Difference, jsonDifferences } from '../../core/json-difference.ts';
import type { Snapshot } from '../../core/plan.ts';
import type { Policy } from '../../core/policy.ts';
import { formatQuantity } from '../../core/resources/quantity.ts';
import { InvalidStrategyError } from '../../core/rollout/update-strategy.ts';
import { UsageError } from '../exit-codes.ts';

/** What a DaemonSet is planned into. */
export type Surroundings = {
  /** All there would be, the proposed one among them. */
  readonly daemonSets: readonly DaemonSet[];
  readonly nodes: readonly NodeRecord[];
  readonly room: Room;
  readonly policy: Policy;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly guess?: string;
};

/** Nodes to which the same happens for the same reason. */
export type EffectGroup = {
  readonly effect: Effect;
  readonly reason: string;
  readonly nodes: readonly string[];
};

/** What all DaemonSets together ask of one node, and the share of what it has, in percent. */
export type Tax = {
  readonly node: string;
  readonly daemonSets: number;
  readonly requests: Readonly<Record<string, string>>;
  readonly percent: Readonly<Record<string, number>>;
};

/** The shape of one DaemonSet in `plan -o json` and `-o yaml`. */
export type Planned = {
  /** `namespace/name`. */
  readonly daemonSet: string;
  readonly exists: boolean;
  /** What would not work, and why, as sentences. */
  readonly problems: readonly string[];
  /** Why the plan is only a guess; absent where the API server has completed the DaemonSet. */
  readonly guess?: string;
  /** Where the pod template would differ from the one of now. */
  readonly templateChanges: readonly Difference[];
  readonly groups: readonly EffectGroup[];
  readonly nodes: Forecast['nodes'];
  readonly rollout: Forecast['rollout'];
  readonly misfits: Forecast['misfits'];
  readonly tax: readonly Tax[];
};

/** @throws UsageError for an update strategy that the API server would have refused. */
export function judgePlan(
  snapshot: Snapshot,
  existing: DaemonSet | undefined,
  surroundings: Surroundings,
): Planned {
  const { daemonSet } = snapshot;
  const { daemonSets, nodes, room, guess } = surroundings;
  const name = `${daemonSet.metadata.namespace}/${daemonSet.metadata.name}`;
  const found = forecastOf(name, snapshot, surroundings);
  const cluster = listedCluster({ daemonSets, nodes });
  const { namespace } = daemonSet.metadata;
  const clashes = hostPortClash.check({
    operation: 'CREATE',
    namespace,
    object: daemonSet,
    oldObject: undefined,
    cluster,
  });
  return {
    daemonSet: name,
    exists: existing !== undefined,
    problems: [
      ...(daemonSet.metadata.deletionTimestamp ? [SKIPPED.Deleting] : []),
      ...clashes.map(({ path, message }) => `${path}: ${message}`),
      ...misfitProblems(found),
      ...stallProblems(found),
    ],
    ...(guess !== undefined && { guess }),
    templateChanges: existing ? jsonDifferences(existing.spec.template, daemonSet.spec.template) : [],
    groups: groupEffects(found.nodes),
    ...found,
    tax: taxes(daemonSets, nodes, room),
  };
}

/** A DaemonSet that the API server would not take. */
export function refusedPlan(daemonSet: string, why: string): Planned {
  return {
    daemonSet,
    exists: false,
    problems: [`the API server refuses it: ${why}`],
    templateChanges: [],
    groups: [],
    nodes: [],
    rollout: { waves: [], left: [] },
    misfits: [],
    tax: [],
  };
}

function forecastOf(name: string, snapshot: Snapshot, { room, now, policy }: Surroundings): Forecast {
  try {
    return forecast(snapshot, room, now, policy);
  } catch (error) {
    if (error instanceof InvalidStrategyError)
      throw new UsageError(`${name}: ${error.message}`, { cause: error });
    throw error;
  }
}

function misfitProblems({ misfits }: Forecast): readonly string[] {
  // How much is free is another amount on each node; thousands of nodes are to be one line all the same.
  const byLack = Map.groupBy(misfits, (misfit) => noRoom(misfit, '', commonLack(misfit)));
  return [...byLack.values()].map((nodes) => {
    const [first] = nodes as unknown as readonly [Misfit];
    const texts = new Set(nodes.map(({ lacks }) => lacks.join('; ')));
    const [exact = '', ...others] = texts;
    const where = `${counted(nodes.length, 'node')} (${listNames(nodes.map(({ node }) => node))})`;
    return noRoom(first, where, others.length > 0 ? commonLack(first) : exact);
  });
}

function noRoom({ evicts }: Misfit, where: string, what: string): string {
  return evicts
    ? `room on ${where} only once pods of lower priority are evicted, as the scheduler does: ${what}`
    : `no room on ${where}: ${what}`;
}

function commonLack({ lacks }: Misfit): string {
  return lacks.map((lack) => lack.replace(/ and \S+ is free$/, ' and less is free')).join('; ');
}

function stallProblems({ rollout: { left, budget, waves } }: Forecast): readonly string[] {
  if (!budget || left.length === 0) return [];
  return [
    `the rollout stands still after ${counted(waves.length, 'step')}: ${counted(left.length, 'node')} (${listNames(left)}) ` +
      'keep the old pod, because new ones cannot become ready elsewhere and maxUnavailable or maxSurge is used up by them',
  ];
}

const ORDER: readonly Effect[] = ['gets', 'changes', 'loses', 'keeps', 'none'];

function groupEffects(nodes: Forecast['nodes']): readonly EffectGroup[] {
  const groups = Map.groupBy(nodes, ({ effect, reason }) => JSON.stringify([effect, reason]));
  return [...groups.values()]
    .map((members): EffectGroup => {
      const [{ effect, reason }] = members as unknown as readonly [Forecast['nodes'][number]];
      return { effect, reason, nodes: members.map(({ node }) => node) };
    })
    .toSorted((a, b) => ORDER.indexOf(a.effect) - ORDER.indexOf(b.effect) || b.nodes.length - a.nodes.length);
}

function taxes(
  daemonSets: readonly DaemonSet[],
  nodes: readonly NodeRecord[],
  { allocatable }: Room,
): readonly Tax[] {
  return daemonTax(daemonSets, nodes).map(({ node, daemonSets: count, requests }) => {
    const has = allocatable.get(node);
    const share = ([resource, nano]: readonly [string, bigint]): readonly [string, number][] => {
      const all = has?.get(resource) ?? 0n;
      return all > 0n ? [[resource, Number((nano * 1000n) / all) / 10]] : [];
    };
    return {
      node,
      daemonSets: count,
      requests: Object.fromEntries([...requests].map(([name, nano]) => [name, formatQuantity(name, nano)])),
      percent: Object.fromEntries([...requests].flatMap(share)),
    };
  });
}
