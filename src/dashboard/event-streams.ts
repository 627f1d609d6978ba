import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import { type Board, changeBetween } from '../core/coverage/board.ts';
import { RefusedError } from './refused-error.ts';
import { BEAT_MS, EVENTS } from './wire.ts';

/** Where boards come from. */
export type BoardSource = {
  /** Has the listener told of the board as it is, and of every new one. Returns how to stop that. */
  readonly listen: (listener: (board: Board) => void) => () => void;
};

export type EventStreamsOptions = {
  readonly source: BoardSource;
  /** At once. */
  readonly most?: number;
  /** How often is said that the server is still there. In milliseconds. */
  readonly heartbeatMs?: number;
};

const MOST_STREAMS = 200;
/** After how many milliseconds a browser tries again. */
const RETRY_MS = 2_000;

/** The open streams of server-sent events. */
export class EventStreams {
  readonly #options: EventStreamsOptions;
  readonly #open = new Set<Stream>();

  constructor(options: EventStreamsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Sends boards until the other side goes, or the signal says that they may see no more.
   *
   * @throws RefusedError 503 when there are too many.
   */
  begin(request: IncomingMessage, response: ServerResponse, ended: AbortSignal): void {
    const { source, most = MOST_STREAMS, heartbeatMs = BEAT_MS } = this.#options;
    if (this.#open.size >= most) {
      throw new RefusedError(503, 'too many pages are open; close some, or try again later');
    }
    const stream = new Stream(response, acceptsGzip(request));
    this.#open.add(stream);
    const stopListening = source.listen((board) => stream.show(board));
    const heartbeat = setInterval(() => stream.beat(), heartbeatMs);
    const signOut = (): void => stream.end(EVENTS.signedOut);
    ended.addEventListener('abort', signOut, { once: true });
    response.once('close', () => {
      clearInterval(heartbeat);
      stopListening();
      ended.removeEventListener('abort', signOut);
      this.#open.delete(stream);
    });
    if (ended.aborted) signOut();
  }

  /** Ends all of them; browsers will try again. */
  close(): void {
    for (const stream of this.#open) stream.end();
  }
}

/**
 * One stream. To a browser that is slow the boards in between are not sent: what it has is compared with the newest
 * once it takes more, so nothing piles up for it.
 */
class Stream {
  readonly #response: ServerResponse;
  readonly #out: Writable;
  readonly #flush: () => void;
  /** What the other side has. */
  #sent: Board | undefined;
  #newest: Board | undefined;
  #isFull = false;

  constructor(response: ServerResponse, gzip: boolean) {
    this.#response = response;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      // Also for proxies that would collect it.
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      ...(gzip && { 'content-encoding': 'gzip' }),
    });
    if (gzip) {
      const zip = createGzip({ level: 1 });
      zip.pipe(response);
      // The pipe may still hold something when the other side is gone.
      response.once('close', () => zip.destroy());
      zip.on('error', () => response.destroy());
      this.#out = zip;
      this.#flush = () => zip.flush(constants.Z_SYNC_FLUSH);
    } else {
      this.#out = response;
      this.#flush = () => undefined;
    }
    this.#out.on('drain', () => {
      this.#isFull = false;
      this.#catchUp();
    });
    this.#write(`retry: ${RETRY_MS}\n\n`);
  }

  show(board: Board): void {
    this.#newest = board;
    if (!this.#isFull) this.#catchUp();
  }

  beat(): void {
    if (!this.#isFull && !this.#out.writableEnded) this.#write(`event: ${EVENTS.beat}\ndata:\n\n`);
  }

  end(event?: string): void {
    if (this.#out.writableEnded) return;
    this.#out.end(event === undefined ? undefined : `event: ${event}\ndata:\n\n`);
  }

  #catchUp(): void {
    const [from, to] = [this.#sent, this.#newest];
    if (!to || this.#out.writableEnded || this.#response.destroyed) return;
    this.#sent = to;
    if (!from) return this.#send(EVENTS.board, to);
    const change = changeBetween(from, to);
    if (change) this.#send(EVENTS.change, change);
  }

  #send(event: string, data: unknown): void {
    this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #write(text: string): void {
    if (!this.#out.write(text)) this.#isFull = true;
    this.#flush();
  }
}

function acceptsGzip({ headers }: IncomingMessage): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(headers['accept-encoding'] ?? '');
}
