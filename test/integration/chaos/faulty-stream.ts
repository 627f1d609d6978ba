import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const NEWLINE = 0x0a;
const GONE = {
  type: 'ERROR',
  object: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'too old resource version, says the chaos test',
    reason: 'Expired',
    code: 410,
  },
};

type Fate = 'watchCut' | 'watchGone' | 'watchEnd';

/** Passes a watch on, late if so wished, until it is doomed. */
export class FaultyStream {
  /** How long what comes is held back. */
  lagMs = 0;
  readonly #sink: ServerResponse;
  #written: Promise<void> = Promise.resolve();
  #atLineEnd = true;
  #fate: Fate | undefined;

  constructor(source: IncomingMessage, sink: ServerResponse) {
    this.#sink = sink;
    source.on('data', (chunk: Buffer) => {
      const arrivedAt = Date.now();
      this.#written = this.#written.then(() => this.#pass(chunk, arrivedAt));
    });
    source.on('end', () => {
      this.#written = this.#written.then(() => void sink.end());
    });
    source.on('error', () => sink.destroy());
    sink.on('close', () => source.destroy());
  }

  /** Ends the stream in the given way, at the next event where that has to be in the middle of one. */
  doom(fate: Fate): void {
    this.#fate = fate;
    // A watch without events is not spared.
    setTimeout(() => this.#end(), fate === 'watchCut' ? 2_000 : 0).unref();
  }

  async #pass(chunk: Buffer, arrivedAt: number): Promise<void> {
    const waitMs = arrivedAt + this.lagMs - Date.now();
    if (waitMs > 0) await sleep(waitMs);
    if (this.#sink.destroyed || this.#sink.writableEnded) return;
    if (this.#fate === 'watchCut') {
      this.#sink.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => this.#sink.destroy());
      return;
    }
    this.#atLineEnd = chunk.at(-1) === NEWLINE;
    this.#sink.write(chunk);
    if (this.#fate) this.#end();
  }

  #end(): void {
    if (this.#sink.destroyed || this.#sink.writableEnded) return;
    if (this.#fate === 'watchGone' && this.#atLineEnd) this.#sink.write(`${JSON.stringify(GONE)}\n`);
    if (this.#fate === 'watchCut') this.#sink.destroy();
    else if (this.#atLineEnd) this.#sink.end();
  }
}
