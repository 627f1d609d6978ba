import type { ServerResponse } from 'node:http';

/** How much may be in hand at once. What comes beyond it is told to come again. */
export type LoadLimits = {
  /** Requests that are being read or answered. */
  readonly requestsInFlight: number;
  /** Bytes of bodies that are held; the first 32 KiB of each are bounded by the number of requests alone. */
  readonly bytesInFlight: number;
};

/** There is no room for one more request. Becomes 429: the API server asks again within its own timeout. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
  readonly status = 429;
}

/**
 * The requests in hand, and what is held of their bodies. Only counts: a collection of them, living longer than
 * they do, would carry the garbage of each into V8's old generation, for a third more processor time.
 */
export class Load {
  readonly #limits: LoadLimits;
  readonly #end = (): void => {
    this.#requests -= 1;
  };
  #requests = 0;
  #heldBytes = 0;

  constructor(limits: LoadLimits) {
    this.#limits = limits;
  }

  /** Requests that have come and whose answer has not gone out. */
  get requests(): number {
    return this.#requests;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Counts a request until its answer is out or its connection is gone. */
  begin(response: ServerResponse): void {
    this.#requests += 1;
    response.on('close', this.#end);
  }

  /** @throws OverloadedError when more requests are in hand than there may be. */
  assertRoom(): void {
    const { requestsInFlight } = this.#limits;
    if (this.#requests <= requestsInFlight) return;
    throw new OverloadedError(`${requestsInFlight} requests are in hand; try again in a second`);
  }

  /** @throws OverloadedError when so many bytes more cannot be held. */
  hold(bytes: number): void {
    const { bytesInFlight } = this.#limits;
    if (this.#heldBytes + bytes > bytesInFlight) {
      throw new OverloadedError(`the requests in hand take ${bytesInFlight} bytes; try again in a second`);
    }
    this.#heldBytes += bytes;
  }

  release(bytes: number): void {
    this.#heldBytes -= bytes;
  }
}
