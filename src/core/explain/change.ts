import type { NodeRecord, Taint } from '../../api/node.ts';
import type { NodeSelectorTerm, PodSpec, Toleration } from '../../api/pod.ts';
import { NODE_NAME_FIELD } from '../../api/keys.ts';
import { formatTaint } from '../scheduling/eligibility.ts';

/** A change of a node. */
export type NodeChange =
  | { readonly on: 'node'; readonly kind: 'setLabel'; readonly key: string; readonly value: string }
  | { readonly on: 'node'; readonly kind: 'removeLabel'; readonly key: string }
  | { readonly on: 'node'; readonly kind: 'addTaint' | 'removeTaint'; readonly taint: Taint };

/** A change of the pod template, and so a rollout. */
export type TemplateChange =
  | { readonly on: 'template'; readonly kind: 'removeNodeName' }
  | { readonly on: 'template'; readonly kind: 'removeNodeSelector'; readonly key: string }
  /** `term` is the place in `nodeSelectorTerms`. */
  | {
      readonly on: 'template';
      readonly kind: 'removeRequirement';
      readonly term: number;
      readonly field: 'matchExpressions' | 'matchFields';
      readonly index: number;
    }
  | { readonly on: 'template'; readonly kind: 'removeNodeAffinity' }
  | { readonly on: 'template'; readonly kind: 'tolerate'; readonly toleration: Toleration }
  /** Every term of the required node affinity is to exclude this node by name. */
  | {
      readonly on: 'template';
      readonly kind: 'excludeNode';
      readonly node: string;
      /** Whether there is one; else it is added. */
      readonly hasTerms: boolean;
    };

/** One thing that a person can change about a node's answer. */
export type Change = NodeChange | TemplateChange;

/** A template's spec against a node. */
export type Encounter = { readonly spec: PodSpec; readonly node: NodeRecord };

/** Both as they are after the change. */
export function applyChange({ spec, node }: Encounter, change: Change): Encounter {
  return change.on === 'node'
    ? { spec, node: changedNode(node, change) }
    : { spec: changedSpec(spec, change), node };
}

function changedNode(node: NodeRecord, change: NodeChange): NodeRecord {
  switch (change.kind) {
    case 'setLabel':
      return { ...node, labels: { ...node.labels, [change.key]: change.value } };
    case 'removeLabel': {
      const { [change.key]: _, ...labels } = node.labels;
      return { ...node, labels };
    }
    case 'addTaint':
      return { ...node, taints: [...node.taints, change.taint] };
    case 'removeTaint':
      // As `kubectl taint nodes x key:Effect-` does: key and effect tell taints apart.
      return {
        ...node,
        taints: node.taints.filter(
          ({ key, effect }) => key !== change.taint.key || effect !== change.taint.effect,
        ),
      };
  }
}

function changedSpec(spec: PodSpec, change: TemplateChange): PodSpec {
  switch (change.kind) {
    case 'removeNodeName': {
      const { nodeName: _, ...rest } = spec;
      return rest;
    }
    case 'removeNodeSelector': {
      const { [change.key]: _, ...nodeSelector } = spec.nodeSelector ?? {};
      return { ...spec, nodeSelector };
    }
    case 'removeRequirement':
      return withTerms(
        spec,
        termsOf(spec).map((term, index) =>
          index === change.term
            ? { ...term, [change.field]: term[change.field]?.toSpliced(change.index, 1) }
            : term,
        ),
      );
    case 'removeNodeAffinity':
      return withTerms(spec, undefined);
    case 'tolerate':
      return { ...spec, tolerations: [...(spec.tolerations ?? []), change.toleration] };
    case 'excludeNode': {
      const exclusion = { key: NODE_NAME_FIELD, operator: 'NotIn', values: [change.node] };
      const terms = termsOf(spec);
      return withTerms(
        spec,
        (terms.length === 0 ? [{}] : terms).map((term) => ({
          ...term,
          matchFields: [...(term.matchFields ?? []), exclusion],
        })),
      );
    }
  }
}

function termsOf({ affinity }: PodSpec): readonly NodeSelectorTerm[] {
  return affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
}

function withTerms(spec: PodSpec, nodeSelectorTerms: readonly NodeSelectorTerm[] | undefined): PodSpec {
  const { requiredDuringSchedulingIgnoredDuringExecution: _, ...nodeAffinity } =
    spec.affinity?.nodeAffinity ?? {};
  return {
    ...spec,
    affinity: {
      ...spec.affinity,
      nodeAffinity: {
        ...nodeAffinity,
        ...(nodeSelectorTerms && { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } }),
      },
    },
  };
}

/**
 * What to do, as a person would type or write it.
 *
 * @param node how the node is called there; a placeholder where there are many.
 */
export function describeChange(change: Change, node: string): string {
  switch (change.kind) {
    case 'setLabel':
      return `kubectl label node ${node} ${change.key}=${change.value} --overwrite`;
    case 'removeLabel':
      return `kubectl label node ${node} ${change.key}-`;
    case 'addTaint':
      return `kubectl taint node ${node} ${formatTaint(change.taint)}`;
    case 'removeTaint':
      return `kubectl taint node ${node} ${formatTaint({ key: change.taint.key, effect: change.taint.effect })}-`;
    case 'removeNodeName':
      return 'remove spec.template.spec.nodeName';
    case 'removeNodeSelector':
      return `remove ${change.key} from spec.template.spec.nodeSelector`;
    case 'removeRequirement':
      return `remove ${change.field}[${change.index}] from term ${change.term + 1} of the required node affinity`;
    case 'removeNodeAffinity':
      return 'remove the required node affinity of the template';
    case 'tolerate':
      return `add to spec.template.spec.tolerations: ${JSON.stringify(change.toleration)}`;
    case 'excludeNode':
      return `add to ${change.hasTerms ? 'every term of the required node affinity' : 'the template a required node affinity with'} matchFields: ${NODE_NAME_FIELD} NotIn [${change.node}]`;
  }
}
