/** What a store has to know of each object to tell it from others. */
export type Identity = {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
};

/** Index functions by name: the values under which an object is filed. */
export type Indexes<T> = Readonly<Record<string, (object: T) => readonly string[]>>;

/** Objects by `namespace/name`, filed under any number of indexes. */
export type Store<T> = {
  readonly size: number;
  get(key: string): T | undefined;
  list(): readonly T[];
  /** @throws Error for an index that does not exist. */
  byIndex(index: string, value: string): readonly T[];
};

/** The store as its informer sees it. */
export class IndexedStore<T> implements Store<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes: ReadonlyMap<
    string,
    { of: (object: T) => readonly string[]; filed: Map<string, Map<string, T>> }
  >;

  constructor(indexes: Indexes<T> = {}) {
    this.#indexes = new Map(Object.entries(indexes).map(([name, of]) => [name, { of, filed: new Map() }]));
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  keys(): readonly string[] {
    return [...this.#objects.keys()];
  }

  byIndex(index: string, value: string): readonly T[] {
    const found = this.#indexes.get(index);
    if (!found) throw new Error(`there is no index ${JSON.stringify(index)}`);
    return [...(found.filed.get(value)?.values() ?? [])];
  }

  set(key: string, object: T): void {
    this.delete(key);
    this.#objects.set(key, object);
    for (const { of, filed } of this.#indexes.values()) {
      for (const value of of(object)) {
        const entries = filed.get(value);
        if (entries) entries.set(key, object);
        else filed.set(value, new Map([[key, object]]));
      }
    }
  }

  delete(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    for (const { of, filed } of this.#indexes.values()) {
      for (const value of of(object)) {
        const entries = filed.get(value);
        entries?.delete(key);
        if (entries?.size === 0) filed.delete(value);
      }
    }
  }
}
