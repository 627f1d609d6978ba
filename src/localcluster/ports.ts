import { createServer } from 'node:net';
import { LocalClusterError } from './errors.ts';

/** Different ports of the loopback address that are free at this moment. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  return Promise.all(servers.map(({ port, close }) => close().then(() => port)));
}

/** @throws LocalClusterError when something listens on the port. */
export async function assertFree(port: number): Promise<void> {
  try {
    const { close } = await listen(port);
    await close();
  } catch (error) {
    throw new LocalClusterError(
      `port ${port} on 127.0.0.1 is taken; end what listens there, or choose another port (0 picks a free one)`,
      { cause: error },
    );
  }
}

async function listen(wanted: number): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : wanted;
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
