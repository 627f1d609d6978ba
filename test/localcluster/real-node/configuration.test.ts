import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  type ConfigurationOptions,
  configurationFiles,
  nodeArguments,
} from '../../../src/localcluster/real-node/configuration.ts';
import { networkAt } from '../../../src/localcluster/real-node/network.ts';

const options: ConfigurationOptions = {
  dataDir: '/data',
  spec: {
    name: 'real',
    labels: { disktype: 'ssd', tier: 'node' },
    taints: [{ key: 'gpu', effect: 'NoSchedule' }],
  },
  network: networkAt(200, 7),
  binaries: {
    kubelet: '/bin/kubelet',
    'kube-proxy': '/bin/kube-proxy',
    containerd: '/bin/containerd',
    'containerd-shim-runc-v2': '/bin/shim "1"',
    ctr: '/bin/ctr',
    runc: '/bin/runc',
  },
  cniFolder: '/cni',
};

const files = configurationFiles(options);
const kubelet = parse(files['node/kubelet.yaml'] ?? '') as Record<string, unknown>;

describe('configuration of a real node', () => {
  it('lets kubelet listen to the API server and to nobody who does not say who they are', () => {
    expect(kubelet).toMatchObject({
      address: '10.200.7.2',
      authentication: { anonymous: { enabled: false } },
      authorization: { mode: 'Webhook' },
    });
  });

  it('changes nothing of the machine', () => {
    expect(kubelet.protectKernelDefaults).toBe(true);
    expect(kubelet.cgroupRoot).toBe('/evn-200-7');
    expect(parse(files['node/kube-proxy.yaml'] ?? '')).toMatchObject({
      conntrack: { maxPerCore: 0, min: 0 },
    });
  });

  it('gives the node its labels and taints', () => {
    expect(nodeArguments(options).kubelet).toContain('--node-labels=disktype=ssd,tier=node');
    expect(kubelet.registerWithTaints).toEqual(options.spec.taints);
  });

  it('quotes paths', () => {
    expect(files['node/containerd.toml']).toContain(String.raw`runtime_path = "/bin/shim \"1\""`);
  });

  it('gives pods addresses from the range of the node', () => {
    expect(files['node/cni/10-everynode.conflist']).toContain('10.200.7.128/25');
  });
});
