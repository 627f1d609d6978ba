import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** In which a side answers the end of a connection with its own. */
const LAST_WORD_MS = 10_000;
/** The API server takes a connection from its pool a moment after it has closed it. */
const FORGOTTEN_MS = 500;

/** Spreads TCP connections over backends, as a Service does. */
export class Balancer {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  #backends: readonly number[] = [];
  #turn = 0;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(): Promise<Balancer> {
    const sockets = new Set<Socket>();
    const server = createServer((client) => balancer.#forward(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const balancer = new Balancer(server, sockets);
    return balancer;
  }

  set backends(ports: readonly number[]) {
    this.#backends = ports;
  }

  /**
   * Ends all connections, and waits until both sides have: a request on one that the other side does not yet know to have
   * ended would be lost. Whoever goes on has to shake hands anew.
   */
  async cut(): Promise<void> {
    // Not those that come meanwhile: the API server dials ahead, and uses them later.
    const sockets = [...this.#sockets];
    const closed = sockets.map((socket) => once(socket, 'close'));
    // Left in the pipe it would stop to read when the other side has ended, and never see the end of its own.
    for (const socket of sockets) socket.unpipe().resume().end();
    await Promise.race([Promise.all(closed), sleep(LAST_WORD_MS, undefined, { ref: false })]);
    for (const socket of sockets) socket.destroy();
    await sleep(FORGOTTEN_MS);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #forward(client: Socket): void {
    const port = this.#backends[this.#turn++ % this.#backends.length];
    if (port === undefined) {
      client.destroy();
      return;
    }
    const backend = connect(port, '127.0.0.1');
    const sides: readonly (readonly [Socket, Socket])[] = [
      [client, backend],
      [backend, client],
    ];
    for (const [from, to] of sides) {
      this.#sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.end();
      });
    }
  }
}
