import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Remembers the connections of a server, from the first one on.
 *
 * @returns what ends it: requests in hand have that many milliseconds to be answered, then all connections are cut off.
 */
export function drainable(server: Server): (timeoutMs: number) => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return async (timeoutMs) => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    await Promise.race([closed, sleep(timeoutMs, undefined, { ref: false })]);
    // Also those that never finished their handshake, of which the HTTP server knows nothing.
    for (const socket of sockets) socket.destroy();
    await closed;
  };
}
