import type { IncomingMessage } from 'node:http';
import { BadReviewError } from './admission-review.ts';
import { BodyBuffer } from './body-buffer.ts';
import type { Load } from './load.ts';

/** Of a body that is too large, this many times the limit is still taken in and thrown away. */
const DISCARD_FACTOR = 8;

/**
 * Reads a request's body, up to a limit.
 *
 * A body that is too large is read to its end and thrown away before this fails: a client that is still writing
 * when the answer comes and the connection closes sees a reset, not the answer. Beyond eight times the limit, or
 * if that much is announced, it fails at once. Fails with BadReviewError 413 for a larger one and 400 when the
 * sender stopped half-way, and with OverloadedError when the bodies in hand leave no room.
 */
export function readBody(request: IncomingMessage, maxBytes: number, load: Load): Promise<string> {
  const most = maxBytes * DISCARD_FACTOR;
  if (Number(request.headers['content-length'] ?? 0) > most) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const body = new BodyBuffer(load, maxBytes);
    let size = 0;
    const fail = (error: Error): void => {
      request.off('data', take);
      body.release();
      reject(error);
    };
    const take = (piece: Buffer): void => {
      size += piece.length;
      if (size > most) return fail(tooLarge(maxBytes));
      if (size > maxBytes) return body.release();
      try {
        body.append(piece);
      } catch (error) {
        fail(error as Error);
      }
    };
    request.on('data', take);
    request.once('end', () => {
      const text = body.text();
      body.release();
      if (size > maxBytes) reject(tooLarge(maxBytes));
      else resolve(text);
    });
    // Of the connection: it ended in the middle of the body.
    request.once('error', () =>
      fail(new BadReviewError(400, `the body ended after ${size} bytes, before it was complete`)),
    );
  });
}

function tooLarge(maxBytes: number): BadReviewError {
  return new BadReviewError(
    413,
    `the body is larger than ${maxBytes} bytes; raise --max-body-bytes if objects of that size are wanted`,
  );
}
