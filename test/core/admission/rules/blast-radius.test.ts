import { describe, expect, it } from 'vitest';
import type { DaemonSet } from '../../../../src/api/daemonset.ts';
import { checkDaemonSet } from '../../../../src/core/admission/check-daemonset.ts';
import { blastRadius } from '../../../../src/core/admission/rules/blast-radius.ts';
import { clusterOf } from '../../../builders/cluster-view.ts';
import { type DaemonSetOverrides, daemonSet, ON_DELETE } from '../../../builders/daemonset.ts';
import { node } from '../../../builders/node.ts';
import { pod } from '../../../builders/pod.ts';
import { creationOf, updateOf } from './daemonset-change.ts';

/** Ten nodes with a pod each, `gpu` of them labelled so. */
function cluster(gpu: number): ReturnType<typeof clusterOf> {
  const names = Array.from({ length: 10 }, (_, index) => `n${index}`);
  return clusterOf({
    nodes: names.map((name, index) => node(name, index < gpu ? { labels: { gpu: 'yes' } } : {})),
    pods: [
      ...names.map((name) => pod(`demo-${name}`, { on: name })),
      pod('demo-leaving', { on: 'n0', terminating: true }),
      pod('demo-lost', { on: 'gone' }),
    ],
  });
}

const GPU_ONLY: DaemonSetOverrides = { podSpec: { nodeSelector: { gpu: 'yes' } } };

function judge(after: DaemonSetOverrides, gpu: number, before: DaemonSetOverrides = {}): readonly string[] {
  const change = updateOf(daemonSet({ generation: 7, ...before }), daemonSet({ generation: 7, ...after }), {
    cluster: cluster(gpu),
  });
  return checkDaemonSet(change, {}, [blastRadius]).map(({ level, message }) => `${level}: ${message}`);
}

describe('rule blast-radius', () => {
  it('warns with the numbers and the reason when an update takes pods away', () => {
    const [removal, replacement] = judge(GPU_ONLY, 8);
    expect(removal).toContain('warn: removes 2 of 10 pods (n8, n9): n8 lacks the label gpu=yes');
    expect(replacement).toBe('warn: replaces 8 of 10 pods');
  });

  it('asks for a confirmation above the second share, for this generation alone', () => {
    const [denied] = judge(GPU_ONLY, 3);
    expect(denied).toContain('deny: removes 7 of 10 pods (n3, n4, n5 and 4 more)');
    expect(denied).toContain('metadata.annotations[everynode.dev/confirm] to "7"');
    expect(judge({ ...GPU_ONLY, annotations: { 'everynode.dev/confirm': '7' } }, 3)[0]).toMatch(
      /^warn: removes 7/,
    );
    const [stale] = judge({ ...GPU_ONLY, annotations: { 'everynode.dev/confirm': '6' } }, 3);
    expect(stale).toContain('it is "6" now');
    expect(stale).toMatch(/^deny/);
  });

  it('never asks about a rollout by default, however many pods it replaces', () => {
    expect(judge({ podSpec: { containers: [{ name: 'app', image: 'pause:9' }] } }, 0)).toEqual([
      'warn: replaces 10 of 10 pods',
    ]);
  });

  it('counts no pod as replaced that only its deletion replaces', () => {
    expect(judge({ podSpec: { hostNetwork: true }, strategy: ON_DELETE }, 0)).toEqual([]);
  });

  it('is silent when the template stays, and below the first share', () => {
    expect(judge({ minReadySeconds: 30 }, 0)).toEqual([]);
    expect(judge({ ...GPU_ONLY, strategy: ON_DELETE }, 9)).toEqual([]);
  });

  it('keeps to the shares that are configured', () => {
    const limits = { warnPercent: 100, confirmPercent: 100 };
    const strict = { removal: { warnPercent: 0, confirmPercent: 0 }, replacement: limits };
    const change = updateOf(daemonSet(), daemonSet(GPU_ONLY), { cluster: cluster(9), blastRadius: strict });
    expect(checkDaemonSet(change, {}, [blastRadius]).map(({ level }) => level)).toEqual(['deny']);
  });

  it('has no opinion at a creation, without a cluster, without pods, nor on what is malformed', () => {
    const around = { cluster: cluster(0) };
    expect(checkDaemonSet(creationOf(daemonSet(GPU_ONLY), around), {}, [blastRadius])).toEqual([]);
    expect(blastRadius.check(updateOf(daemonSet(), daemonSet(GPU_ONLY)))).toEqual([]);
    expect(blastRadius.check(updateOf(daemonSet(), daemonSet(GPU_ONLY), { cluster: clusterOf({}) }))).toEqual(
      [],
    );
    const broken: DaemonSet = { ...daemonSet(), spec: { template: { spec: { tolerations: 7 as never } } } };
    expect(blastRadius.check(updateOf(daemonSet(), broken, around))).toEqual([]);
  });
});
