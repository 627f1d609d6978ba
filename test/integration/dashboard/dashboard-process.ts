import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { TestCluster } from '../harness.ts';

/** `everynode dashboard` as a user starts it. */
export type DashboardProcess = {
  /** What it printed: the address with the key that signs in. */
  readonly link: string;
  /** Has it hang, or go on. */
  readonly signal: (name: 'SIGSTOP' | 'SIGCONT') => void;
  readonly stop: () => Promise<void>;
};

export async function startDashboardProcess(cluster: TestCluster): Promise<DashboardProcess> {
  const { kubeconfigPath } = cluster.local;
  const child = spawn(
    process.execPath,
    [
      'src/main.ts',
      'dashboard',
      `--kubeconfig=${kubeconfigPath}`,
      '--dashboard-bind-address=127.0.0.1:0',
      '--metrics-bind-address=0',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let log = '';
  child.stderr.on('data', (chunk) => (log += String(chunk)));
  const printed = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [link] = /http:\/\/\S+#key=\S+/.exec(line) ?? [];
      if (link !== undefined) resolve(link);
    });
  });
  const failed = ended.then(() => {
    throw new Error(`everynode dashboard ended by itself:\n${log}`);
  });
  const link = await Promise.race([printed, failed]);
  failed.catch(() => undefined);
  return {
    link,
    signal: (name) => void child.kill(name),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
