import { describe, expect, it } from 'vitest';
import { nextSteps } from '../../../src/cli/up/next-steps.ts';
import type { ProvidedCluster } from '../../../src/cli/up/provide-cluster.ts';

const KEY = { namespace: 'logging', name: 'fluentd' };
const local: ProvidedCluster = {
  isLocal: true,
  kubeconfig: '/data/kubeconfig',
  kubectl: '/cache/kubectl',
  certDir: '/data/certs',
  stop: async () => {},
};
const theirs: ProvidedCluster = {
  isLocal: false,
  kubeconfig: '/home/me/config',
  certDir: 'certs',
  stop: async () => {},
};

/** The commands, without what they show. */
function commands(nodes: readonly string[], cluster: ProvidedCluster): readonly string[] {
  return nextSteps(KEY, nodes, cluster)
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .map((line) => line.trim().replace(/ +# .*$/, ''));
}

describe('nextSteps', () => {
  it('sets up kubectl for the cluster of our own', () => {
    expect(commands(['n1', 'n2'], local).slice(0, 2)).toEqual([
      'export KUBECONFIG=/data/kubeconfig',
      "alias kubectl='/cache/kubectl'",
    ]);
  });

  it('leaves kubectl as it is elsewhere', () => {
    const shown = commands(['n1'], theirs);
    expect(shown[0]).toBe('export KUBECONFIG=/home/me/config');
    expect(shown.filter((command) => command.startsWith('alias'))).toEqual([]);
  });

  it('is about the DaemonSet and its namespace, and nothing else', () => {
    const shown = commands(['n1', 'n2'], theirs).slice(1);
    for (const command of shown) expect(command).toMatch(/^kubectl .* -n logging( |$)/);
    const onDaemonSet = shown.filter((command) => command.includes('ds/'));
    expect(onDaemonSet.length).toBeGreaterThan(2);
    for (const command of onDaemonSet) expect(command).toContain(' ds/fluentd -n logging');
  });

  it('touches nodes only where they are of our own making', () => {
    const touches = (cluster: ProvidedCluster): readonly string[] =>
      commands(['n1', 'n2'], cluster).filter((command) => / node /.test(command));
    expect(touches(local)).toEqual([
      'kubectl taint node n2 dedicated=gpu:NoExecute',
      'kubectl taint node n2 dedicated-',
      'kubectl label node n1 disktype=ssd',
    ]);
    expect(touches(theirs)).toEqual([]);
  });

  it('touches no node where there is none', () => {
    expect(commands([], local).filter((command) => / node /.test(command))).toEqual([]);
  });

  it('has patches that are JSON', () => {
    const patches = commands(['n1'], local).flatMap((command) => / -p '(.*)'$/.exec(command)?.[1] ?? []);
    expect(patches.map((patch) => JSON.parse(patch) as unknown)).toEqual([
      { spec: { template: { spec: { nodeSelector: { disktype: 'ssd' } } } } },
      { spec: { selector: { matchLabels: { tier: 'x' } } } },
    ]);
  });

  it('says how to end it', () => {
    expect(nextSteps(KEY, [], local)).toMatch(/\n\nCtrl-C ends everything and cleans up\.\n$/);
  });

  it('stays in the context that was given', () => {
    const shown = commands([], { ...theirs, context: 'staging' });
    expect(shown.join('\n')).toContain('staging');
  });
});
