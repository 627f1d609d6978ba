type Line = { readonly event: object; readonly taken: PromiseWithResolvers<void> };

/** A watch that the test writes. */
export class WatchFeed {
  readonly #lines: Line[] = [];
  #arrival = Promise.withResolvers<void>();

  /** Resolves when whoever watches has dealt with the event. */
  send(type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK', object: object): Promise<void> {
    const taken = Promise.withResolvers<void>();
    this.#lines.push({ event: { type, object }, taken });
    this.#arrival.resolve();
    return taken.promise;
  }

  /** Ends the initial list, or says that the watch has come this far. */
  bookmark(resourceVersion: string): Promise<void> {
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    return this.send('BOOKMARK', { metadata: { resourceVersion, annotations } });
  }

  async *read(signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
    const aborted = Promise.withResolvers<void>();
    signal?.addEventListener('abort', () => aborted.resolve());
    while (!signal?.aborted) {
      const line = this.#lines.shift();
      if (!line) {
        this.#arrival = Promise.withResolvers();
        await Promise.race([this.#arrival.promise, aborted.promise]);
        continue;
      }
      yield Buffer.from(JSON.stringify(line.event));
      // The reader has come back for the next one.
      line.taken.resolve();
    }
  }
}
