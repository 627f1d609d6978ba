import type { Server } from 'node:net';
import { BindError } from './bind-error.ts';

export type ListenOptions = {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** What is said of an address that cannot be had, by the code of the system's error. */
  readonly sentence: (code: string | undefined) => string;
  /** Told of a connection that could not be accepted, such as for too many open files: the next one may succeed. */
  readonly onLost?: (error: Error) => void;
};

/**
 * Has the server listen.
 *
 * @throws BindError
 */
export async function listen(server: Server, options: ListenOptions): Promise<void> {
  const { host, port, sentence, onLost = () => undefined } = options;
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void =>
      reject(new BindError(sentence(error.code), { cause: error }));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      // Without a listener it would end the process.
      server.on('error', onLost);
      resolve();
    });
  });
}
