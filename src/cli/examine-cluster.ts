import type { Client } from '../kube/client.ts';
import type { Transport } from '../kube/transport.ts';
import { createLogger } from '../telemetry/log.ts';
import { connect } from './connect.ts';
import { examining } from './examining.ts';
import { EXIT } from './exit-codes.ts';
import type { ClusterFlags } from './options.ts';
import { type Progress, progressOn } from './progress.ts';
import { Reader } from './reader.ts';
import { hasColours, type Terminal } from './terminal.ts';

/** A cluster that a command looks at. */
export type ExaminedCluster = {
  readonly reader: Reader;
  readonly client: Client;
  readonly transport: Transport;
  readonly server: string;
  /** Of the kubeconfig's context. */
  readonly namespace: string;
  readonly progress: Progress;
  /** Whether what is printed may be coloured. */
  readonly colours: boolean;
};

export type Examination = {
  /** What is printed, with a line break at its end. */
  readonly text: string;
  /** Whether the exit code is to be 1. */
  readonly found: boolean;
  /** What went wrong on the way, a sentence each, for stderr: the exit code is 3, whatever was found by then. */
  readonly troubles?: readonly string[];
};

/**
 * Runs a command that looks at a cluster.
 *
 * @returns the exit code: 3 when it cannot be read at all, or went away in the middle, else 1 when there is something to act on, else 3 when something could not be read, else 0.
 * @throws UsageError, KubeconfigError, and ApiError for credentials that the server does not know.
 */
export function examineCluster(
  flags: Pick<ClusterFlags, 'kubeconfig' | 'context'>,
  terminal: Terminal,
  look: (cluster: ExaminedCluster) => Promise<Examination>,
): Promise<number> {
  return examining(terminal, async () => {
    const logger = createLogger({ level: 'silent' });
    const { transport, ...connection } = await connect({ ...flags, logLevel: 'silent' }, terminal, {
      logger,
    });
    const progress = progressOn(terminal);
    try {
      const reader = new Reader(connection.client);
      const colours = hasColours(terminal.stdout, terminal.env);
      const examined = { ...connection, transport, reader, progress, colours };
      const { text, found, troubles = [] } = await look(examined);
      progress.clear();
      terminal.stdout.write(text);
      for (const trouble of troubles) terminal.stderr.write(`everynode: ${trouble}\n`);
      if (troubles.length > 0) return EXIT.prevented;
      if (found) return EXIT.failure;
      return reader.notRead.length > 0 ? EXIT.prevented : EXIT.ok;
    } finally {
      progress.clear();
      await transport.close();
    }
  });
}
