import type { DaemonSet } from '../../api/daemonset.ts';
import { CONTROLLER_REVISION_HASH_LABEL, POD_TEMPLATE_GENERATION_LABEL } from '../../api/keys.ts';
import type { NodeRecord } from '../../api/node.ts';
import type { PodSpec, PodTemplate } from '../../api/pod.ts';
import type { StringMap } from '../../api/meta.ts';
import { type Difference, jsonDifferences } from '../json-difference.ts';
import { newDaemonPod } from '../placement/daemon-pod.ts';
import { addDaemonTolerations } from '../placement/daemon-tolerations.ts';
import { targetNodeName } from '../placement/pin-to-node.ts';
import { compileEligibility, formatTaint } from '../scheduling/eligibility.ts';
import { compileNodeSelector } from '../scheduling/node-affinity.ts';
import { tolerates } from '../scheduling/taints.ts';
import { describeObstacle, obstacles } from './obstacle.ts';

/** A part of a Pod that its template does not have, or has differently, and where it comes from. */
export type Injection = Difference & {
  /** Who put it there, such as `the DaemonSet controller: daemon tolerations`. */
  readonly by: string;
};

/** A daemon Pod as the API server has it. */
export type DaemonPod = {
  readonly metadata: { readonly name: string; readonly labels?: StringMap; readonly annotations?: StringMap };
  readonly spec: PodSpec;
};

export type PodOrigin = {
  /** Undefined for a pod that names none. */
  readonly node: string | undefined;
  /** Why it is there, as sentences about the pod and its node. */
  readonly because: readonly string[];
  readonly injected: readonly Injection[];
};

/**
 * Why a daemon Pod is on its node, and what of it did not come from its template.
 *
 * @param template of the Pod's own revision.
 * @param node the Pod's node; undefined where it is gone.
 */
export function podOrigin(
  pod: DaemonPod,
  daemonSet: DaemonSet,
  template: PodTemplate,
  node: NodeRecord | undefined,
): PodOrigin {
  const target = targetNodeName(pod.spec);
  return {
    node: target,
    because: [bound(pod.spec, target), ...(node ? meetings(template.spec ?? {}, node) : [])],
    injected: injections(pod, daemonSet, template, target),
  };
}

function bound({ nodeName }: PodSpec, target: string | undefined): string {
  if (target === undefined) return 'it names no node: neither spec.nodeName nor its node affinity does';
  return nodeName
    ? `it is bound to ${target}, the node that it was made for`
    : `it was made for ${target}, as its node affinity says, and waits for the scheduler to bind it`;
}

/** What the template asks for, held against the node. */
function meetings(spec: PodSpec, node: NodeRecord): readonly string[] {
  const blocked = obstacles(spec, node);
  if (blocked.length > 0) {
    const stays = compileEligibility(spec)(node).shouldContinueRunning
      ? 'a pod that is there stays, and none is made'
      : 'the pod is to go';
    return blocked.map((obstacle) => `${node.name} ${describeObstacle(obstacle)}: ${stays}`);
  }
  const selected = Object.entries(spec.nodeSelector ?? {}).map(
    ([key, value]) => `${node.name} has ${key}=${value}, which spec.nodeSelector asks for`,
  );
  const met = [...selected, ...matchedTerm(spec, node), ...tolerated(spec, node)];
  return met.length > 0 ? met : [`the template asks nothing of nodes, and ${node.name} repels nothing`];
}

function matchedTerm({ affinity }: PodSpec, node: NodeRecord): readonly string[] {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms = required?.nodeSelectorTerms ?? [];
  const at = terms.findIndex((term) => compileNodeSelector({ nodeSelectorTerms: [term] })(node));
  return at < 0
    ? []
    : [`${node.name} matches term ${at + 1} of ${terms.length} of the required node affinity`];
}

function tolerated(spec: PodSpec, node: NodeRecord): readonly string[] {
  const own = spec.tolerations ?? [];
  return node.taints
    .filter(({ effect }) => effect !== 'PreferNoSchedule')
    .flatMap((taint) => {
      const toleration = addDaemonTolerations(spec).find((each) => tolerates(each, taint));
      if (!toleration) return [];
      const whose = own.some((each) => tolerates(each, taint)) ? 'the template' : 'every daemon pod';
      return [`${node.name} has the taint ${formatTaint(taint)}, which ${whose} tolerates`];
    });
}

/** What the controller makes of the template, and then what others made of that. */
function injections(
  pod: DaemonPod,
  daemonSet: DaemonSet,
  template: PodTemplate,
  node: string | undefined,
): readonly Injection[] {
  const from = { ...daemonSet, spec: { ...daemonSet.spec, template } };
  const labels = pod.metadata.labels ?? {};
  const made = newDaemonPod(from, template.spec ?? {}, {
    node: node ?? '',
    revision: {
      hash: labels[CONTROLLER_REVISION_HASH_LABEL] ?? '',
      templateGeneration: labels[POD_TEMPLATE_GENERATION_LABEL],
    },
  });
  const byController = jsonDifferences(partsOf(template), partsOf(made));
  const actual = partsOf(pod);
  const byOthers = jsonDifferences(partsOf(made), actual);
  const undone = new Set(byOthers.map(({ path }) => path));
  return [
    ...byController
      .filter(({ path }) => ![...undone].some((other) => path.startsWith(other)))
      .map((difference) => ({ ...difference, by: controllerPart(difference) })),
    ...byOthers.map((difference) => ({ ...difference, by: otherPart(difference, pod) })),
  ];
}

function partsOf({ metadata, spec }: PodTemplate | DaemonPod): object {
  return {
    metadata: { labels: metadata?.labels ?? {}, annotations: metadata?.annotations ?? {} },
    spec: spec ?? {},
  };
}

const CONTROLLER_PARTS: readonly (readonly [prefix: string, part: string])[] = [
  ['spec.affinity', 'the pin to its node'],
  ['spec.tolerations', 'the daemon tolerations'],
  ['metadata.labels', 'its revision'],
];

function controllerPart({ path }: Difference): string {
  const part = CONTROLLER_PARTS.find(([prefix]) => path.startsWith(prefix))?.[1] ?? 'as the template was';
  return `the DaemonSet controller: ${part}`;
}

const EVICTING = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

const OTHER_PARTS: readonly (readonly [pattern: RegExp, part: string])[] = [
  [/^spec\.nodeName$/, 'the scheduler, or direct placement'],
  [
    /^spec\.(?:serviceAccount|serviceAccountName|imagePullSecrets|volumes\[kube-api-access-)/,
    'the ServiceAccount admission plugin',
  ],
  [
    /\.volumeMounts(?:$|\[\/var\/run\/secrets\/kubernetes\.io\/serviceaccount\])/,
    'the ServiceAccount admission plugin',
  ],
  [/^spec\.(?:priority|preemptionPolicy)$/, 'the Priority admission plugin'],
  [/^spec\.overhead/, 'the RuntimeClass admission plugin'],
  [/^spec\.enableServiceLinks$/, 'a default of the API server'],
];

function otherPart({ path, after }: Difference, { metadata }: DaemonPod): string {
  const known = OTHER_PARTS.find(([pattern]) => pattern.test(path))?.[1];
  if (known !== undefined) return known;
  const limited = metadata.annotations?.['kubernetes.io/limit-ranger'] !== undefined;
  if (limited && /\.resources|limit-ranger/.test(path)) return 'the LimitRanger admission plugin';
  if (path.startsWith('spec.tolerations')) {
    const { key = '', tolerationSeconds } = (after ?? {}) as { key?: string; tolerationSeconds?: number };
    if (EVICTING.includes(key) && tolerationSeconds !== undefined) {
      return 'the DefaultTolerationSeconds admission plugin';
    }
    return 'extra tolerations of the configuration, or another admission webhook';
  }
  return 'another admission plugin or webhook, or somebody later';
}
