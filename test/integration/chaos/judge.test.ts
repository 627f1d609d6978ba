import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RollingUpdateDaemonSet } from '../../../src/api/daemonset.ts';
import { History, type SeenDaemonSet, type SeenNode, type SeenPod } from './history.ts';
import { judge } from './judge.ts';

const SURGE = { maxUnavailable: 0, maxSurge: 1 };
const MINUTE_MS = 60_000;

/** A history made up: nodes n1 to n4, each with a pod of the first revision, on its fourth minute. */
class Story {
  readonly pods = new History<SeenPod>();
  readonly nodes = new History<SeenNode>();
  readonly daemonSets = new History<SeenDaemonSet>();
  readonly byLoop = new Set<string>();
  #rv = 1;

  constructor(rollingUpdate: RollingUpdateDaemonSet) {
    this.spec('1', rollingUpdate);
    for (const name of ['n1', 'n2', 'n3', 'n4']) {
      this.nodes.set(this.#rv++, name, { name, labels: {}, taints: [] });
      this.pod(`old-${name}`, name, '1');
    }
    vi.advanceTimersByTime(4 * MINUTE_MS);
  }

  spec(template: string, rollingUpdate: RollingUpdateDaemonSet): void {
    const demands = { zone: undefined, toleratesGpu: false, onDelete: false };
    const generation = this.#rv;
    this.daemonSets.set(this.#rv++, 'demo', {
      ...demands,
      name: 'demo',
      generation,
      template,
      rollingUpdate,
      status: {},
    });
  }

  pod(name: string, node: string, template: string): void {
    const state = { phase: 'Running', ready: true, ended: false, terminating: false };
    this.pods.set(this.#rv++, name, { uid: name, name, daemonSet: 'demo', node, template, ...state });
  }

  remove(name: string): void {
    this.pods.set(this.#rv++, name, undefined);
  }

  loopDeletes(...names: readonly string[]): void {
    for (const name of names) {
      this.byLoop.add(name);
      this.remove(name);
    }
  }

  verdicts(): readonly string[] {
    const { pods, nodes, daemonSets, byLoop } = this;
    const evidence = { pods, nodes, daemonSets, byLoop, byOthers: new Set<string>(), outages: [] };
    return judge(evidence).violations.map((violation) => violation.replace(/ was deleted at \d+/, ''));
  }
}

describe('the judge of the chaos test', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  test('deletions within the budget are fine, and one more is not', () => {
    const story = new Story({ maxUnavailable: 2 });
    story.spec('2', { maxUnavailable: 2 });
    story.loopDeletes('old-n1', 'old-n2');
    expect(story.verdicts()).toEqual([]);
    story.loopDeletes('old-n3');
    expect(story.verdicts()).toEqual(['availability: demo on n3: old-n3 (1), with 1 unavailable too many']);
  });

  test('what others take away counts once the loop must know of it, and not before', () => {
    const taken = (sinceMs: number): readonly string[] => {
      const story = new Story({ maxUnavailable: 1 });
      story.spec('2', { maxUnavailable: 1 });
      story.remove('old-n4');
      vi.advanceTimersByTime(sinceMs);
      story.loopDeletes('old-n1');
      return story.verdicts();
    };
    expect(taken(1_000)).toEqual([]);
    expect(taken(MINUTE_MS)).toEqual(['availability: demo on n1: old-n1 (1), with 1 unavailable too many']);
  });

  test('no pod of the current revision is deleted', () => {
    const story = new Story({ maxUnavailable: 1 });
    story.loopDeletes('old-n1');
    expect(story.verdicts()).toEqual([
      'availability: demo on n1: old-n1 (1), though no rollout asked for it',
    ]);
  });

  test('a second pod is right only with surge, and of another revision; it may outlive the surge', () => {
    const story = new Story(SURGE);
    story.spec('2', SURGE);
    story.pod('new-n1', 'n1', '2');
    story.spec('2', { maxUnavailable: 1 });
    vi.advanceTimersByTime(MINUTE_MS);
    story.pod('new-n3', 'elsewhere', '2');
    expect(story.verdicts()).toEqual([]);
    story.pod('twin-n2', 'n2', '1');
    expect(story.verdicts()).toEqual(['doubled: demo on n2: old-n2 (1), twin-n2 (1)']);
  });
});
