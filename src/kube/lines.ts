const NEWLINE = 0x0a;

/** Cuts a byte stream at line feeds only: other line separators may stand inside a JSON string. */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let pending: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const rest = chunk.subarray(start, end);
      // A line within one chunk, which most are, is not copied.
      const line = pending.length === 0 ? asBuffer(rest) : Buffer.concat([...pending, rest]);
      pending = [];
      start = end + 1;
      if (line.length > 0) yield line;
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  }
  if (pending.length > 0) yield Buffer.concat(pending);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
