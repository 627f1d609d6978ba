import { describe, expect, it } from 'vitest';
import { surgeHostPort } from '../../../../src/core/admission/rules/surge-host-port.ts';
import { created } from './daemonset-change.ts';

const surging = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '10%' } };
const withPorts = (ports: unknown, podSpec: object = {}): object => ({
  ...podSpec,
  containers: [{ name: 'first' }, { name: 'second', ports }],
});
const pathsOf = (podSpec: unknown, updateStrategy: unknown = surging): readonly string[] =>
  surgeHostPort.check(created({ podSpec, updateStrategy })).map(({ path }) => path);

describe('rule surge-host-port', () => {
  it.each<[string, object, string]>([
    [
      'a host port',
      withPorts([{ containerPort: 80 }, { containerPort: 9100, hostPort: 9100 }]),
      'ports[1].hostPort',
    ],
    [
      'a port on the node’s network',
      withPorts([{ containerPort: 9100 }], { hostNetwork: true }),
      'ports[0].containerPort',
    ],
    ['only the first of several', withPorts([{ hostPort: 1 }, { hostPort: 2 }]), 'ports[0].hostPort'],
  ])('warns of a surge with %s', (_, podSpec, path) => {
    expect(pathsOf(podSpec)).toEqual([`spec.template.spec.containers[1].${path}`]);
  });

  it('is a warning: the API server takes it', () => {
    expect(surgeHostPort.level).toBe('warn');
  });

  it.each<[string, unknown, unknown]>([
    ['no surge', withPorts([{ hostPort: 80 }]), { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0 } }],
    ['OnDelete', withPorts([{ hostPort: 80 }]), { ...surging, type: 'OnDelete' }],
    ['no strategy', withPorts([{ hostPort: 80 }]), undefined],
    ['ports of the pod’s own', withPorts([{ containerPort: 80 }]), surging],
    ['no ports', withPorts(undefined), surging],
    ['what is malformed', withPorts([7, { hostPort: 'x' }]), surging],
    ['containers that are none', { containers: 'none' }, surging],
  ])('has nothing against %s', (_, podSpec, strategy) => {
    expect(surgeHostPort.check(created({ podSpec, updateStrategy: strategy }))).toEqual([]);
  });
});
