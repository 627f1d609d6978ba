import type { IncomingMessage } from 'node:http';
import { BadReviewError } from './admission-review.ts';

/** Of a body that is too large, this many times the limit is still taken in and thrown away. */
const DISCARD_FACTOR = 8;

/**
 * Reads a request's body, up to a limit.
 *
 * A body that is too large is read to its end and thrown away before this fails: a client that is still writing
 * when the answer comes and the connection closes sees a reset, not the answer. Beyond eight times the limit, or
 * if that much is announced, it fails at once.
 *
 * @throws BadReviewError 413 for a larger one, 400 when the sender stopped half-way.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes * DISCARD_FACTOR) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes * DISCARD_FACTOR) throw tooLarge(maxBytes);
      if (size > maxBytes) chunks.length = 0;
      else chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof BadReviewError) throw error;
    throw new BadReviewError(400, `the body ended after ${size} bytes, before it was complete`);
  }
  if (size > maxBytes) throw tooLarge(maxBytes);
  return Buffer.concat(chunks, size).toString('utf8');
}

function tooLarge(maxBytes: number): BadReviewError {
  return new BadReviewError(
    413,
    `the body is larger than ${maxBytes} bytes; raise --max-body-bytes if objects of that size are wanted`,
  );
}
