import { describe, expect, it } from 'vitest';
import type { Toleration } from '../../../src/api/pod.ts';
import { addDaemonTolerations, daemonTolerations } from '../../../src/core/placement/daemon-tolerations.ts';

function exists(name: string, effect: string): Toleration {
  return { key: `node.kubernetes.io/${name}`, operator: 'Exists', effect };
}

const SIX = [
  exists('not-ready', 'NoExecute'),
  exists('unreachable', 'NoExecute'),
  exists('disk-pressure', 'NoSchedule'),
  exists('memory-pressure', 'NoSchedule'),
  exists('pid-pressure', 'NoSchedule'),
  exists('unschedulable', 'NoSchedule'),
];
const SEVEN = [...SIX, exists('network-unavailable', 'NoSchedule')];

describe('§2.3 tolerations added', () => {
  it('adds six in upstream order', () => {
    expect(addDaemonTolerations({})).toEqual(SIX);
    expect(daemonTolerations({})).toEqual(SIX);
  });

  it('adds a seventh with hostNetwork', () => {
    expect(addDaemonTolerations({ hostNetwork: true })).toEqual(SEVEN);
    expect(daemonTolerations({ hostNetwork: true })).toEqual(SEVEN);
  });

  it('adds no seventh with hostNetwork false', () => {
    expect(addDaemonTolerations({ hostNetwork: false })).toEqual(SIX);
  });

  it('appends after what the template has', () => {
    const own = { key: 'gpu', operator: 'Exists' };
    expect(addDaemonTolerations({ tolerations: [own] })).toEqual([own, ...SIX]);
  });

  it('does not let a broader toleration stand for its own', () => {
    expect(addDaemonTolerations({ tolerations: [{ operator: 'Exists' }] })).toEqual([
      { operator: 'Exists' },
      ...SIX,
    ]);
  });

  it('puts its own in place of an identical one with tolerationSeconds', () => {
    const template = [
      { ...exists('not-ready', 'NoExecute'), tolerationSeconds: 60 },
      { operator: 'Exists' },
      exists('disk-pressure', 'NoSchedule'),
    ];
    expect(addDaemonTolerations({ hostNetwork: true, tolerations: template })).toEqual([
      exists('not-ready', 'NoExecute'),
      { operator: 'Exists' },
      exists('disk-pressure', 'NoSchedule'),
      exists('unreachable', 'NoExecute'),
      exists('memory-pressure', 'NoSchedule'),
      exists('pid-pressure', 'NoSchedule'),
      exists('unschedulable', 'NoSchedule'),
      exists('network-unavailable', 'NoSchedule'),
    ]);
  });

  const lookAlikes: Record<string, Toleration> = {
    'another effect': exists('not-ready', 'NoSchedule'),
    'no effect': { key: 'node.kubernetes.io/not-ready', operator: 'Exists' },
    'another operator': { ...exists('not-ready', 'NoExecute'), operator: 'Equal' },
    'a value': { ...exists('not-ready', 'NoExecute'), value: 'x' },
  };
  it.each(Object.entries(lookAlikes))('keeps one that differs by %s', (_, own) => {
    expect(addDaemonTolerations({ tolerations: [own] })).toEqual([own, ...SIX]);
  });

  it('changes nothing in a second pass, and says so by identity', () => {
    const tolerations = addDaemonTolerations({ tolerations: [{ key: 'gpu', operator: 'Exists' }] });
    expect(addDaemonTolerations({ tolerations })).toBe(tolerations);
  });

  it('leaves the template alone', () => {
    const tolerations = Object.freeze([
      Object.freeze({ ...exists('not-ready', 'NoExecute'), tolerationSeconds: 60 }),
    ]);
    addDaemonTolerations({ tolerations });
    expect(tolerations[0]?.tolerationSeconds).toBe(60);
  });
});
