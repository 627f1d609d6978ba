import { type Identity, IndexedStore, type Indexes, type Store } from './store.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';

export type Change<T> =
  | { readonly type: 'add'; readonly new: T }
  | { readonly type: 'update'; readonly old: T; readonly new: T }
  | { readonly type: 'delete'; readonly old: T };

/** A cache of one kind that follows the API server. */
export type Informer<T> = {
  readonly store: Store<T>;
  /** Follows until the signal is aborted. Rejects never. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Resolves when the first list is in the store and all handlers have seen it. */
  readonly synced: Promise<void>;
  /** How far the store has come: raised after the store and before the handlers see a change; empty before the first list. */
  readonly lastSyncResourceVersion: () => string;
  readonly onChange: (handler: (change: Change<T>) => void) => void;
};

export type InformerOptions<T> = ReflectorOptions & {
  /** What is kept of an object; undefined: it does not concern us, and counts as gone. Called once an event. */
  readonly project: (raw: unknown) => T | undefined;
  readonly indexes?: Indexes<T>;
} & (T extends Identity
    ? { readonly identify?: (object: T) => Identity }
    : { readonly identify: (object: T) => Identity });

/** Makes an informer; nothing happens before `run`. */
export function createInformer<T>(options: InformerOptions<T>): Informer<T> {
  return new StoreInformer(options);
}

class StoreInformer<T> implements Informer<T> {
  readonly #options: InformerOptions<T>;
  readonly #handlers: ((change: Change<T>) => void)[] = [];
  readonly #synced = Promise.withResolvers<void>();
  readonly #store: IndexedStore<T>;
  #resourceVersion = '';

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#store = new IndexedStore(options.indexes);
  }

  get store(): Store<T> {
    return this.#store;
  }

  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  readonly lastSyncResourceVersion = (): string => this.#resourceVersion;

  readonly onChange = (handler: (change: Change<T>) => void): void => {
    this.#handlers.push(handler);
  };

  readonly run = (signal: AbortSignal): Promise<void> => {
    const { project } = this.#options;
    const reflector = new Reflector(this.#options, {
      project,
      replace: (objects, resourceVersion) => this.#replace(objects as readonly T[], resourceVersion),
      upsert: (raw, resourceVersion) => {
        const kept = project(raw);
        const changes = kept === undefined ? this.#remove(rawKey(raw)) : this.#upsert(kept);
        this.#dispatch(changes, resourceVersion);
      },
      remove: (raw, resourceVersion) => this.#dispatch(this.#remove(rawKey(raw)), resourceVersion),
      progress: (resourceVersion) => {
        this.#resourceVersion = resourceVersion;
      },
    });
    return reflector.run(signal);
  };

  #identify(object: T): Identity {
    const { identify } = this.#options;
    return identify ? identify(object) : (object as Identity);
  }

  #keyOf(object: T): string {
    return keyOf(this.#identify(object));
  }

  #replace(objects: readonly T[], resourceVersion: string): void {
    const keys = new Set(objects.map((object) => this.#keyOf(object)));
    const gone = this.#store.keys().filter((key) => !keys.has(key));
    const changes = [
      ...gone.flatMap((key) => this.#remove(key)),
      ...objects.flatMap((object) => this.#upsert(object)),
    ];
    this.#dispatch(changes, resourceVersion);
    this.#synced.resolve();
  }

  #upsert(object: T): readonly Change<T>[] {
    const key = this.#keyOf(object);
    const old = this.#store.get(key);
    this.#store.set(key, object);
    if (old === undefined) return [{ type: 'add', new: object }];
    const [before, after] = [this.#identify(old), this.#identify(object)];
    if (before.uid !== after.uid) {
      return [
        { type: 'delete', old },
        { type: 'add', new: object },
      ];
    }
    return before.resourceVersion === after.resourceVersion ? [] : [{ type: 'update', old, new: object }];
  }

  #remove(key: string): readonly Change<T>[] {
    const old = this.#store.get(key);
    this.#store.delete(key);
    return old === undefined ? [] : [{ type: 'delete', old }];
  }

  #dispatch(changes: readonly Change<T>[], resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
    for (const change of changes) {
      for (const handler of this.#handlers) {
        try {
          handler(change);
        } catch (error) {
          // One faulty handler must not stop the cache, nor the other handlers.
          this.#options.logger.error({ kind: this.#options.kind.kind, err: error }, 'change handler failed');
        }
      }
    }
  }
}

function keyOf({ namespace = '', name }: { readonly namespace?: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

function rawKey(raw: unknown): string {
  return keyOf(
    (raw as { readonly metadata: { readonly namespace?: string; readonly name: string } }).metadata,
  );
}
