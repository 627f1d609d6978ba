import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { LocalClusterError } from './errors.ts';

// Below the ranges from which Linux and macOS take the ports of outgoing connections: while the API server is
// down for a restart, a client that keeps trying could otherwise be given that very port and hold it.
const FIRST = 20_000;
const LAST = 32_000;
const ATTEMPTS = 500;

/** Different ports of the loopback address that are free at this moment. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const free = new Set<number>();
  for (let attempt = 0; attempt < ATTEMPTS && free.size < count; attempt++) {
    const port = randomInt(FIRST, LAST);
    if ((await whyTaken(port)) === undefined) free.add(port);
  }
  if (free.size < count) {
    throw new LocalClusterError(
      `no ${count} free ports between ${FIRST} and ${LAST} on 127.0.0.1; end some of the programs that listen there`,
    );
  }
  return [...free];
}

/** @throws LocalClusterError when the port cannot be listened on. */
export async function assertFree(port: number): Promise<void> {
  const cause = await whyTaken(port);
  if (cause === undefined) return;
  const why = cause.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${cause.code ?? cause.message})`;
  throw new LocalClusterError(
    `port ${port} on 127.0.0.1 ${why}; end what listens there, or choose another port (0 picks a free one)`,
    { cause },
  );
}

function whyTaken(port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
}
