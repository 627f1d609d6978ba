import { describe, expect, it } from 'vitest';
import { componentArguments, type Layout } from '../../src/localcluster/arguments.ts';
import { networkAt } from '../../src/localcluster/real-node/network.ts';

const layout: Layout = {
  dataDir: '/data',
  kubeconfigPath: '/data/kubeconfig',
  ports: {
    etcd: 1,
    'kube-apiserver': 2,
    'kube-controller-manager': 3,
    'kube-scheduler': 4,
    kwok: 5,
  },
};

function controllers(daemonSetController: boolean): string | undefined {
  const args = componentArguments(layout, { daemonSetController })['kube-controller-manager'];
  return args.find((argument) => argument.startsWith('--controllers='));
}

describe('componentArguments', () => {
  it('leaves out the built-in DaemonSet controller, unless it is asked for', () => {
    expect(controllers(false)).toBe('--controllers=*,-daemonset-controller');
    expect(controllers(true)).toBe('--controllers=*');
  });

  it('lets every component listen on loopback alone, on its own port', () => {
    const all = componentArguments(layout, { daemonSetController: false });
    expect(all.etcd).toContain('--listen-client-urls=http://127.0.0.1:1');
    expect(all.etcd).toContain('--listen-peer-urls=http://127.0.0.1:0');
    for (const [name, port] of [
      ['kube-apiserver', 2],
      ['kube-controller-manager', 3],
      ['kube-scheduler', 4],
    ] as const) {
      expect(all[name]).toContain('--bind-address=127.0.0.1');
      expect(all[name]).toContain(`--secure-port=${port}`);
    }
    expect(all.kwok).toContain('--server-address=127.0.0.1:5');
  });

  it('lets the API server of a cluster with a real node listen on the link to it, and nowhere else', () => {
    const network = networkAt(200, 7);
    const all = componentArguments({ ...layout, network }, { daemonSetController: false });
    const addresses = all['kube-apiserver'].filter((argument) => argument.includes('-address='));
    expect(addresses).toEqual(['--bind-address=10.200.7.1', '--advertise-address=10.200.7.1']);
    expect(all['kube-scheduler']).toContain('--bind-address=127.0.0.1');
  });

  it('keeps all files in the data folder', () => {
    const paths = Object.values(componentArguments(layout, { daemonSetController: false }))
      .flat()
      .map((argument) => argument.slice(argument.indexOf('=') + 1))
      .filter((value) => value.startsWith('/'));
    expect(paths.length).toBeGreaterThan(15);
    for (const path of paths) expect(path).toMatch(/^\/data\//);
  });

  it('puts extra arguments last, where they win', () => {
    const extra = ['--terminated-pod-gc-threshold=1'];
    const all = componentArguments(layout, {
      daemonSetController: false,
      extraArgs: { 'kube-controller-manager': extra },
    });
    expect(all['kube-controller-manager'].at(-1)).toBe(extra[0]);
    expect(
      Object.values(all)
        .flat()
        .filter((argument) => argument === extra[0]),
    ).toHaveLength(1);
  });
});
