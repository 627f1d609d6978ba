import type { StringMap } from '../../src/api/meta.ts';
import type { NodeRecord, Taint, TaintEffect } from '../../src/api/node.ts';

export type NodeOverrides = {
  readonly labels?: StringMap;
  readonly taints?: readonly Taint[];
  readonly notReadySince?: number;
};

/** A node that takes every pod, unless overrides say otherwise. */
export function node(name: string, overrides: NodeOverrides = {}): NodeRecord {
  return { name, uid: `uid-${name}`, resourceVersion: '1', labels: {}, taints: [], ...overrides };
}

/** Nodes of these names, all alike. */
export function nodes(names: readonly string[], overrides: NodeOverrides = {}): readonly NodeRecord[] {
  return names.map((name) => node(name, overrides));
}

/** `count` node names in sorted order: n001, n002, … */
export function nodeNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `n${String(index + 1).padStart(3, '0')}`);
}

/** A taint in kubectl's notation: `dedicated=gpu:NoSchedule` or `dedicated:NoExecute`. */
export function taint(text: string): Taint {
  const [, key = '', value, effect] = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(text) ?? [];
  return { key, ...(value !== undefined && { value }), effect: effect as TaintEffect };
}
