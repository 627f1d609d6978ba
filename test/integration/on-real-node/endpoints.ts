import { expect, test } from 'vitest';
import { PAUSE_IMAGE } from '../../../src/localcluster/real-node/configuration.ts';
import { runProgram } from '../../../src/cli/program.ts';
import type { DaemonEndpoints } from '../../../src/core/endpoints/daemon-endpoints.ts';
import { recordingTerminal } from '../../cli/recording-terminal.ts';
import { daemonSet, eventually, type TestCluster } from '../harness.ts';

type EndpointSlices = {
  readonly items: readonly { readonly endpoints?: readonly { readonly addresses: readonly string[] }[] }[];
};

const NAME = 'reached';

/** What `everynode endpoints` says, beside what the controllers of the control plane make of the same Services. */
export function endpointTests(started: () => TestCluster, nodes: readonly string[]): void {
  async function endpoints(...args: readonly string[]): Promise<string> {
    const terminal = recordingTerminal();
    const kubeconfig = `--kubeconfig=${started().local.kubeconfigPath}`;
    expect(await runProgram(['endpoints', NAME, kubeconfig, ...args], terminal)).toBe(0);
    expect(terminal.stderr.text).toBe('');
    return terminal.stdout.text;
  }

  const found = async (): Promise<DaemonEndpoints> =>
    JSON.parse(await endpoints('-o', 'json')) as DaemonEndpoints;

  const service = (name: string, spec: object = {}): object => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: NAME }, ports: [{ port: 9100 }], ...spec },
  });

  /** Addresses behind a Service, as the API server's own controller has it. */
  async function addresses(name: string): Promise<readonly string[]> {
    const selector = `kubernetes.io/service-name=${name}`;
    const { items } = await started().json<EndpointSlices>('get', 'endpointslices', '-l', selector);
    return items.flatMap(({ endpoints = [] }) => endpoints.flatMap((each) => each.addresses)).toSorted();
  }

  test('endpoints says how each pod is reached, as the EndpointSlices have it', async () => {
    const cluster = started();
    const ports = [{ containerPort: 9100, hostPort: 9100 }];
    const containers = [{ name: 'agent', image: PAUSE_IMAGE, ports }];
    await cluster.apply(daemonSet(NAME, { pod: { containers } }));
    await eventually(async () => expect(await cluster.nodesWith(NAME)).toEqual(nodes));
    for (const each of [
      service('reached-each', { clusterIP: 'None' }),
      service('reached-any'),
      service('reached-elsewhere', { selector: { app: 'another' } }),
      service('reached-by-hand', { selector: undefined }),
      service('reached-outside', { type: 'ExternalName', externalName: 'example.com' }),
    ]) {
      await cluster.apply(each);
    }
    const { pods = [], services = [] } = await found();
    expect(pods.map(({ node }) => node)).toEqual(nodes);
    expect(pods.every(({ ready, hostIP }) => ready && hostIP)).toBe(true);
    expect(new Set(pods.flatMap(({ hostPorts }) => hostPorts))).toEqual(new Set(['9100/TCP']));
    expect(services.map(({ name }) => name)).toEqual(['reached-any', 'reached-each']);
    const ips = pods.map(({ podIP = '' }) => podIP).toSorted();
    for (const { name } of services) {
      await eventually(async () => expect(await addresses(name)).toEqual(ips));
    }
    expect(await addresses('reached-outside')).toEqual([]);
    expect(await endpoints()).toMatch(/\nreached-any +9100\/TCP +internalTrafficPolicy is Cluster: /);
  });

  test('what endpoints advises brings a client to the pod of its own node', async () => {
    const { advice } = await found();
    const [, name, namespace, patch] =
      /kubectl patch service (\S+) -n (\S+) -p '([^']+)'/.exec(advice[0] ?? '') ?? [];
    await started().kubectl('patch', 'service', name ?? '', '-n', namespace ?? '', '-p', patch ?? '');
    const after = await found();
    expect(after.advice).toEqual([]);
    expect(after.services).toMatchObject([
      { name: 'reached-any', headless: false, local: true },
      { name: 'reached-each', headless: true, local: false },
    ]);
    expect(await endpoints('-o', 'wide')).toMatch(
      /\nreached-any +9100\/TCP +internalTrafficPolicy is Local: /,
    );
    await started().kubectl('delete', 'daemonset', NAME, '--wait=false');
  });
}
