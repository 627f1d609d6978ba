import { describe, expect, it } from 'vitest';
import { provideCluster } from '../../../src/cli/up/provide-cluster.ts';
import { upReporter } from '../../../src/cli/up/reporter.ts';
import type { UpFlags } from '../../../src/cli/up/flags.ts';
import { recordingTerminal } from '../recording-terminal.ts';

const FLAGS: UpFlags = {
  nodes: 5,
  once: false,
  dashboardPort: 0,
  logLevel: 'warn',
  kubeconfig: '/home/me/config',
};

describe('a cluster that is there already', () => {
  const provided = (flags: UpFlags): ReturnType<typeof provideCluster> => {
    const terminal = recordingTerminal();
    const onFailure = (error: Error): never => {
      throw error;
    };
    return provideCluster(flags, terminal, { reporter: upReporter(flags, terminal), onFailure });
  };

  it('is taken as the kubeconfig names it', async () => {
    const { stop, ...cluster } = await provided(FLAGS);
    expect(cluster).toEqual({ isLocal: false, kubeconfig: '/home/me/config', certDir: 'certs' });
    await expect(stop()).resolves.toBeUndefined();
  });

  it('is taken in the context that was given', async () => {
    expect(await provided({ ...FLAGS, context: 'staging' })).toMatchObject({ context: 'staging' });
  });
});
