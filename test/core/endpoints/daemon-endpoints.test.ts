import { describe, expect, it } from 'vitest';
import { formatEndpoints } from '../../../src/cli/endpoints/endpoints.ts';
import { daemonEndpoints, type RawService } from '../../../src/core/endpoints/daemon-endpoints.ts';
import { daemonSet } from '../../builders/daemonset.ts';

const ported = daemonSet({
  podSpec: { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 8080 }] }] },
});
const service = (name: string, spec: RawService['spec'] = {}): RawService => ({
  metadata: { name, namespace: 'default' },
  spec: {
    selector: { app: 'demo' },
    clusterIP: '10.0.0.1',
    internalTrafficPolicy: 'Cluster',
    ports: [{ port: 80 }],
    ...spec,
  },
});
const pods = [
  { name: 'demo-b', node: 'b', ready: false, hostPorts: ['8080/TCP'] },
  {
    name: 'demo-a',
    node: 'a',
    ready: true,
    podIP: '10.1.0.5',
    hostIP: '192.168.0.1',
    hostPorts: ['8080/TCP'],
  },
];

describe('the endpoints of a DaemonSet', () => {
  it('are its pods, and the Services that select them', async () => {
    const found = daemonEndpoints(ported, pods, [
      service('each', { clusterIP: 'None' }),
      service('any'),
      service('foreign', { selector: { app: 'other' } }),
      service('by-hand', { selector: {} }),
      service('elsewhere', { type: 'ExternalName' }),
    ]);
    expect((await formatEndpoints(found, [], 'table', false)).split('\n')).toEqual([
      'NODE  POD IP    NODE IP      HOST PORTS  READY',
      'a     10.1.0.5  192.168.0.1  8080/TCP    yes',
      'b     -         -            8080/TCP    no',
      '',
      'SERVICE  PORTS   WHAT IT GIVES',
      'any      80/TCP  internalTrafficPolicy is Cluster: a client gets any pod, most often one of another node',
      'each     80/TCP  headless: each resolves to the addresses of all ready pods; internalTrafficPolicy plays no part',
      '',
      `for a client that is to reach its own node's pod: kubectl patch service any -n default -p '{"spec":{"internalTrafficPolicy":"Local"}}' (every client of that Service is concerned), or a second Service with it`,
      'or let it use status.hostIP of the downward API and a host port',
      '',
    ]);
    expect(JSON.parse(await formatEndpoints(found, [], 'json', false))).toEqual({ ...found, notRead: [] });
  });

  it('need nothing where a Service keeps to the node', () => {
    const found = daemonEndpoints(daemonSet(), pods, [service('local', { internalTrafficPolicy: 'Local' })]);
    expect(found.services).toMatchObject([{ name: 'local', local: true, headless: false }]);
    expect(found.advice).toEqual([]);
  });

  it('need nothing where a Service prefers the node', () => {
    const found = daemonEndpoints(daemonSet(), pods, [
      service('near', { trafficDistribution: 'PreferSameNode' }),
    ]);
    expect(found.services).toMatchObject([
      {
        local: false,
        explanation: expect.stringContaining('PreferSameNode: a client gets the pod of its own node'),
      },
    ]);
    expect(found.advice).toEqual([]);
  });

  it('are not local by a headless Service, whatever it says', () => {
    const headless = service('h', { clusterIP: 'None', internalTrafficPolicy: 'Local' });
    expect(daemonEndpoints(daemonSet(), [], [headless]).services).toMatchObject([
      { local: false, headless: true },
    ]);
  });

  it('may be pods that are not ready, where a headless Service says so', () => {
    const headless = service('h', { clusterIP: 'None', publishNotReadyAddresses: true });
    expect(daemonEndpoints(daemonSet(), [], [headless]).services?.[0]?.explanation).toContain(
      'all pods, ready or not',
    );
  });

  it('without a Service, and with a selector of expressions only, say which labels to select by', () => {
    const selector = { matchExpressions: [{ key: 'app', operator: 'Exists' as const }] };
    expect(daemonEndpoints(daemonSet({ selector }), [], []).advice[0]).toContain('selector {app: demo}');
  });

  it('without a Service, say which one to make', () => {
    expect(daemonEndpoints(daemonSet(), [], []).advice).toEqual([
      "for a client that is to reach its own node's pod: a Service in default with selector {app: demo}, internalTrafficPolicy: Local, and the ports of demo",
    ]);
  });
});
