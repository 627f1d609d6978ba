import type { NodeRecord } from '../../api/node.ts';
import type { Allocatable } from '../../core/forecast/capacity.ts';
import { readString } from '../../core/admission/untrusted.ts';
import { nodeRecord } from '../../core/records/records.ts';
import { readResources, type Resources } from '../../core/resources/requests.ts';
import { UsageError } from '../exit-codes.ts';

/** Nodes, and what they have for pods. */
export type PlannedNodes = { readonly nodes: readonly NodeRecord[]; readonly allocatable: Allocatable };

type RawNode = { readonly status?: { readonly allocatable?: Readonly<Record<string, string>> } };

/** What is kept of a Node here. */
export function plannedNode(raw: unknown): readonly [NodeRecord, Resources | undefined] {
  const { allocatable } = (raw as RawNode).status ?? {};
  return [nodeRecord(raw), allocatable && readResources(allocatable)];
}

/** All of them, sorted by name. */
export function plannedNodes(read: readonly (readonly [NodeRecord, Resources | undefined])[]): PlannedNodes {
  return {
    nodes: read.map(([node]) => node).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    allocatable: new Map(read.flatMap(([node, has]) => (has ? [[node.name, has] as const] : []))),
  };
}

/**
 * The nodes among the objects of a file.
 *
 * @throws UsageError when there is none.
 */
export function nodesOfFile(objects: readonly { readonly object: unknown }[], file: string): PlannedNodes {
  const nodes = objects
    .map(({ object }) => object)
    .filter(
      (object) =>
        readString(object, 'kind') === 'Node' && typeof readString(object, 'metadata', 'name') === 'string',
    )
    .map(plannedNode);
  if (nodes.length > 0) return plannedNodes(nodes);
  throw new UsageError(`${file}: no Node in it; give the output of kubectl get nodes -o yaml`);
}
