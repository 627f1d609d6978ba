import type { IncomingMessage } from 'node:http';
import { BadReviewError } from './admission-review.ts';

/**
 * Reads a request's body, up to a limit.
 *
 * @throws BadReviewError 413 for a larger one, 400 when the sender stopped half-way.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const tooLarge = new BadReviewError(
    413,
    `the body is larger than ${maxBytes} bytes; raise --max-body-bytes if such objects are meant to be`,
  );
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge;
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof BadReviewError) throw error;
    throw new BadReviewError(400, 'the body ended before it was complete');
  }
  const announced = request.headers['content-length'];
  if (announced !== undefined && Number(announced) !== size) {
    throw new BadReviewError(400, `the body has ${size} bytes, and Content-Length says ${announced}`);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}
