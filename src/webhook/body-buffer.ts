import type { Load } from './load.ts';

/** Not counted: so much of each body. Most bodies are smaller. */
const FREE_BYTES = 32 * 1024;
const SMALLEST_GROWTH = 16 * 1024;

/**
 * Bytes that come in pieces. Held in one block that grows by doubling, so that a body in a million pieces takes no
 * more than one in a single piece; a body of one piece is not copied at all.
 */
export class BodyBuffer {
  readonly #load: Load;
  readonly #maxBytes: number;
  #block: Buffer | undefined;
  #size = 0;
  #held = 0;

  constructor(load: Load, maxBytes: number) {
    this.#load = load;
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes a piece; all of them together must not be more than `maxBytes`.
   *
   * @throws OverloadedError when the load leaves no room for it.
   */
  append(piece: Buffer): void {
    const size = this.#size + piece.length;
    if (this.#block === undefined) {
      this.#block = piece;
    } else {
      if (size > this.#block.length) this.#block = this.#grown(this.#block, size);
      piece.copy(this.#block, this.#size);
    }
    this.#size = size;
  }

  /** The text so far. */
  text(): string {
    return this.#block?.toString('utf8', 0, this.#size) ?? '';
  }

  /** Lets go of all bytes. May be called more than once. */
  release(): void {
    this.#block = undefined;
    this.#size = 0;
    this.#hold(0);
  }

  #grown(block: Buffer, size: number): Buffer {
    const capacity = Math.min(this.#maxBytes, Math.max(size, 2 * block.length, SMALLEST_GROWTH));
    this.#hold(Math.max(0, capacity - FREE_BYTES));
    const grown = Buffer.allocUnsafeSlow(capacity);
    block.copy(grown, 0, 0, this.#size);
    return grown;
  }

  #hold(bytes: number): void {
    if (bytes > this.#held) this.#load.hold(bytes - this.#held);
    else this.#load.release(this.#held - bytes);
    this.#held = bytes;
  }
}
