import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { applyChange, type Board, type BoardChange } from '../../src/core/coverage/board.ts';
import { EVENTS } from '../../src/dashboard/wire.ts';

export type ServerEvent = { readonly event: string; readonly data: string };

/** Reads server-sent events as a browser does. Nothing is read before the first `next`. */
export class EventReader {
  /** The board as it is by what was read. */
  board: Board | undefined;
  /** How often was said that there is nothing new. */
  beats = 0;
  readonly response: IncomingMessage;
  readonly #lines: AsyncIterator<string>;

  constructor(response: IncomingMessage) {
    this.response = response;
    const isZipped = response.headers['content-encoding'] === 'gzip';
    this.#lines = linesOf(isZipped ? response.pipe(createGunzip()) : response);
  }

  /** The next event; undefined when the stream has ended. */
  async next(): Promise<ServerEvent | undefined> {
    let event = '';
    let data: string | undefined;
    for (;;) {
      const { value: line, done } = await this.#lines.next();
      if (done === true) return undefined;
      if (line === '' && data !== undefined) {
        if (event !== EVENTS.beat) return this.#take({ event, data });
        this.beats += 1;
        [event, data] = ['', undefined];
      }
      if (line.startsWith('event: ')) event = line.slice('event: '.length);
      if (line.startsWith('data:')) data = line.slice('data:'.length).trimStart();
    }
  }

  /** The event by which the board becomes so, and how many came until then. */
  async until(wanted: Board): Promise<number> {
    for (let events = 1; ; events += 1) {
      if (!(await this.next())) throw new Error('the stream has ended');
      if (JSON.stringify(this.board) === JSON.stringify(wanted)) return events;
    }
  }

  #take(event: ServerEvent): ServerEvent {
    if (event.event === 'board') this.board = JSON.parse(event.data) as Board;
    if (event.event === 'change' && this.board) {
      this.board = applyChange(this.board, JSON.parse(event.data) as BoardChange);
    }
    return event;
  }
}

async function* linesOf(stream: Readable): AsyncGenerator<string, undefined> {
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  return undefined;
}
