import type { LabelSelector, LabelSelectorRequirement, StringMap } from '../../api/meta.ts';
import { isEmptySelector, selectorMatches } from './label-selector.ts';

/** What selects pods, and the labels of the pods that it makes. */
export type Selecting = { readonly selector: LabelSelector | undefined; readonly podLabels: StringMap };

/**
 * Whether two objects of one namespace would take the same pods for theirs.
 *
 * - `disjoint`: no labels match both selectors; `key` is one on which they exclude each other, empty where
 *   one of them selects nothing at all.
 * - `mayOverlap`: some labels match both (`witness`), but neither makes such pods.
 * - `overlaps`: the pods that one of them makes match both (`witness` are their labels).
 */
export type Overlap =
  | { readonly kind: 'disjoint'; readonly key: string }
  | { readonly kind: 'mayOverlap' | 'overlaps'; readonly witness: StringMap };

/** Decides exactly: requirements on different labels do not touch each other, so each label is looked at alone. */
export function selectorOverlap(a: Selecting, b: Selecting): Overlap {
  for (const { podLabels } of [a, b]) {
    const both = selectorMatches(a.selector, podLabels) && selectorMatches(b.selector, podLabels);
    if (both) return { kind: 'overlaps', witness: podLabels };
  }
  if (isEmptySelector(a.selector) || isEmptySelector(b.selector)) return { kind: 'disjoint', key: '' };
  const witness: Record<string, string> = {};
  for (const [key, demands] of demandsByKey([a.selector, b.selector])) {
    const value = demands.choose();
    if (value === NONE) return { kind: 'disjoint', key };
    if (value !== undefined) witness[key] = value;
  }
  return { kind: 'mayOverlap', witness };
}

const NONE = Symbol('no value will do');

/** All that is demanded of one label. */
class Demands {
  #allowed: ReadonlySet<string> | undefined;
  readonly #forbidden = new Set<string>();
  #mustExist = false;
  #mustNotExist = false;

  add({ operator, values = [] }: Pick<LabelSelectorRequirement, 'operator' | 'values'>): void {
    switch (operator) {
      case 'In':
        this.#mustExist = true;
        this.#allowed = new Set(values.filter((value) => this.#allowed?.has(value) ?? true));
        break;
      case 'NotIn':
        for (const value of values) this.#forbidden.add(value);
        break;
      case 'Exists':
        this.#mustExist = true;
        break;
      case 'DoesNotExist':
        this.#mustNotExist = true;
        break;
      default:
        // The API server refuses it, and what it would match nobody knows.
        this.#allowed = new Set();
        this.#mustExist = true;
    }
  }

  /** A value that fulfils all, undefined for leaving the label out, or NONE. */
  choose(): string | undefined | typeof NONE {
    if (!this.#mustExist) return undefined;
    if (this.#mustNotExist) return NONE;
    if (this.#allowed) return [...this.#allowed].find((value) => !this.#forbidden.has(value)) ?? NONE;
    let value = 'any';
    for (let number = 1; this.#forbidden.has(value); number += 1) value = `any-${number}`;
    return value;
  }
}

function demandsByKey(selectors: readonly (LabelSelector | undefined)[]): ReadonlyMap<string, Demands> {
  const byKey = new Map<string, Demands>();
  const of = (key: string): Demands => {
    const found = byKey.get(key) ?? new Demands();
    byKey.set(key, found);
    return found;
  };
  for (const { matchLabels = {}, matchExpressions = [] } of selectors.filter((each) => each !== undefined)) {
    for (const [key, value] of Object.entries(matchLabels)) of(key).add({ operator: 'In', values: [value] });
    for (const requirement of matchExpressions) of(requirement.key).add(requirement);
  }
  return byKey;
}
