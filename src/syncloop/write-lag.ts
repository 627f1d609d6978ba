import type { PodRecord } from '../api/pod.ts';
import type { Informer } from '../kube/informer.ts';
import { keyOf } from '../cache/triggers.ts';

const MAX_PENDING = 10_000;

/** Measures how long the cache takes to show a pod that we created. */
export class WriteLag {
  readonly #createdAt = new Map<string, number>();
  readonly #pods: Informer<PodRecord>;
  readonly #observe: (seconds: number) => void;

  constructor(pods: Informer<PodRecord>, observe: (seconds: number) => void) {
    this.#pods = pods;
    this.#observe = observe;
    pods.onChange((change) => {
      if (this.#createdAt.size > 0) this.#shown(keyOf(change.type === 'delete' ? change.old : change.new));
    });
  }

  created(pod: PodRecord): void {
    const key = keyOf(pod);
    // The watch may be quicker than the answer.
    if (this.#pods.store.get(key)) this.#observe(0);
    else {
      // Pods that went before the cache saw them would stay here for ever.
      if (this.#createdAt.size >= MAX_PENDING) this.#createdAt.clear();
      this.#createdAt.set(key, performance.now());
    }
  }

  #shown(key: string): void {
    const at = this.#createdAt.get(key);
    if (at === undefined) return;
    this.#createdAt.delete(key);
    this.#observe((performance.now() - at) / 1000);
  }
}
