import { describe, expect, it } from 'vitest';
import type { PodSpec } from '../../../src/api/pod.ts';
import { formatQuantity } from '../../../src/core/resources/quantity.ts';
import { podRequests } from '../../../src/core/resources/requests.ts';

const container = (cpu: string, more: object = {}): object => ({ resources: { requests: { cpu } }, ...more });
const sidecar = (cpu: string): object => container(cpu, { restartPolicy: 'Always' });

function requests(spec: PodSpec): Record<string, string> {
  return Object.fromEntries([...podRequests(spec)].map(([name, nano]) => [name, formatQuantity(name, nano)]));
}

describe('what a pod takes of its node', () => {
  it.each<[string, PodSpec, Record<string, string>]>([
    ['nothing but its place', { containers: [{}] }, {}],
    ['its containers together', { containers: [container('100m'), container('0.2')] }, { cpu: '300m' }],
    [
      'limits where requests are absent',
      { containers: [{ resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1m' } } }] },
      { cpu: '1m', memory: '1Gi' },
    ],
    [
      'a hungry init container instead',
      { containers: [container('1')], initContainers: [container('3'), container('2')] },
      { cpu: '3' },
    ],
    [
      'sidecars beside containers',
      { containers: [container('1')], initContainers: [sidecar('500m')] },
      { cpu: '1500m' },
    ],
    [
      'an init container beside the sidecars before it',
      { containers: [container('1')], initContainers: [sidecar('1'), container('2'), sidecar('1')] },
      { cpu: '3' },
    ],
    [
      'what is said for the pod instead',
      { containers: [container('1')], resources: { requests: { cpu: '4' } } },
      { cpu: '4' },
    ],
    [
      'the limit of the pod only where its containers ask for nothing',
      { containers: [container('1')], resources: { limits: { cpu: '4', memory: '1Gi' } } },
      { cpu: '1', memory: '1Gi' },
    ],
    ['its overhead', { containers: [container('1')], overhead: { cpu: '250m' } }, { cpu: '1250m' }],
  ])('is %s', (_, spec, expected) => {
    expect(requests(spec)).toEqual({ ...expected, pods: '1' });
  });
});
