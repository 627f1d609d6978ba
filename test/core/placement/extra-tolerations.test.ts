import { describe, expect, it } from 'vitest';
import type { Toleration } from '../../../src/api/pod.ts';
import {
  extraTolerationsFor,
  missingTolerations,
  podSpecOf,
} from '../../../src/core/placement/extra-tolerations.ts';
import { daemonSet } from '../../builders/daemonset.ts';

const GPU: Toleration = { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' };
const SPOT: Toleration = { key: 'spot', operator: 'Equal', value: 'yes' };

describe('extraTolerationsFor', () => {
  const stored = daemonSet();
  const labelled = { metadata: { ...stored.metadata, labels: { tier: 'agent' } } };

  it('chooses by namespace and by the labels of the DaemonSet', () => {
    const of = (choice: object): unknown =>
      extraTolerationsFor(labelled, [{ ...choice, tolerations: [GPU] }]);
    expect(of({})).toEqual([GPU]);
    expect(of({ namespaces: [] })).toEqual([GPU]);
    expect(of({ namespaces: ['default'], selector: { matchLabels: { tier: 'agent' } } })).toEqual([GPU]);
    expect(of({ selector: {} })).toEqual([GPU]);
    expect(of({ namespaces: ['other'] })).toEqual([]);
    expect(of({ selector: { matchLabels: { tier: 'web' } } })).toEqual([]);
  });

  it('joins what several entries give, in their order', () => {
    expect(extraTolerationsFor(stored, [{ tolerations: [GPU] }, { tolerations: [SPOT] }])).toEqual([
      GPU,
      SPOT,
    ]);
  });
});

describe('missingTolerations', () => {
  it('leaves out what is there, whatever its time limit, and what is asked for twice', () => {
    expect(missingTolerations([{ ...GPU, tolerationSeconds: 5 }], [GPU, SPOT, SPOT])).toEqual([SPOT]);
    expect(missingTolerations([{ key: 'spot', value: 'yes' }], [SPOT])).toEqual([]);
    expect(missingTolerations([{ key: 'gpu' }], [GPU])).toEqual([GPU]);
  });
});

describe('podSpecOf', () => {
  it('adds to the tolerations of the template, and leaves the template as it is', () => {
    const stored = daemonSet({ podSpec: { tolerations: [SPOT] } });
    expect(podSpecOf(stored, [{ tolerations: [GPU] }]).tolerations).toEqual([SPOT, GPU]);
    expect(stored.spec.template.spec?.tolerations).toEqual([SPOT]);
    expect(podSpecOf(stored, [{ tolerations: [SPOT] }])).toBe(stored.spec.template.spec);
  });
});
