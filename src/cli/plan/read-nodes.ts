import type { NodeRecord } from '../../api/node.ts';
import type { Allocatable } from '../../core/forecast/capacity.ts';
import {
  isJsonObject,
  MALFORMED,
  readField,
  readString,
  readStringMap,
} from '../../core/admission/untrusted.ts';
import { nodeRecord } from '../../core/records/records.ts';
import { parseQuantity } from '../../core/resources/quantity.ts';
import { readResources, type Resources } from '../../core/resources/requests.ts';
import { UsageError } from '../exit-codes.ts';
import type { PlacedObject } from './read-manifests.ts';

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
 * @throws UsageError when there is none, for one that no API server would have given out, and for a name that is
 * there twice.
 */
export function nodesOfFile(
  objects: readonly Pick<PlacedObject, 'object' | 'placeOf'>[],
  file: string,
): PlannedNodes {
  const nodes = new Map<string, ReturnType<typeof plannedNode>>();
  for (const { object, placeOf } of objects) {
    if (readString(object, 'kind') !== 'Node') continue;
    const name = readString(object, 'metadata', 'name');
    if (typeof name !== 'string') {
      throw new UsageError(`${placeOf('metadata.name')}: metadata.name of a Node is not a string`);
    }
    const wrong = SHAPES.find(({ path, isRight }) => !isRight(readField(object, ...path)));
    if (wrong) {
      const path = wrong.path.join('.');
      throw new UsageError(`${placeOf(path)}: ${path} of the Node ${name} is not ${wrong.what}`);
    }
    if (nodes.has(name)) throw new UsageError(`${placeOf('metadata.name')}: there is another Node ${name}`);
    nodes.set(name, plannedNode(object));
  }
  if (nodes.size > 0) return plannedNodes([...nodes.values()]);
  throw new UsageError(`${file}: no Node in it; give the output of kubectl get nodes -o yaml`);
}

/** What is read of a node, which a person may have written. */
const SHAPES: readonly {
  readonly path: readonly string[];
  readonly isRight: (value: unknown) => boolean;
  readonly what: string;
}[] = [
  {
    path: ['metadata', 'labels'],
    isRight: (labels) => readStringMap({ labels }, 'labels') !== MALFORMED,
    what: 'a map of strings; numbers and booleans need quotes',
  },
  { path: ['spec', 'taints'], isRight: isListOf(isTaint), what: 'a list of taints, with key and effect' },
  { path: ['status', 'conditions'], isRight: isListOf(isJsonObject), what: 'a list of conditions' },
  {
    path: ['status', 'allocatable'],
    isRight: (has) => has === undefined || (isJsonObject(has) && Object.values(has).every(isQuantity)),
    what: 'a map of quantities, such as cpu: 4 and memory: 16Gi',
  },
];

function isListOf(isRight: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || (Array.isArray(value) && value.every(isRight));
}

function isTaint(taint: unknown): boolean {
  const [key, value, effect] = ['key', 'value', 'effect'].map((field) => readString(taint, field));
  return typeof key === 'string' && typeof effect === 'string' && value !== MALFORMED;
}

function isQuantity(value: unknown): boolean {
  return (typeof value === 'string' || typeof value === 'number') && parseQuantity(value) !== undefined;
}
