import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDaemonSet } from '../../../src/core/admission/check-daemonset.ts';
import type { DaemonSetRule } from '../../../src/core/admission/rule.ts';
import { clusterOf } from '../../builders/cluster-view.ts';
import { daemonSet } from '../../builders/daemonset.ts';
import { node } from '../../builders/node.ts';
import { pod } from '../../builders/pod.ts';
import { created, creationOf, rawDaemonSet, updated, updateOf } from './rules/daemonset-change.ts';

const broken = { selector: { matchLabels: { app: 'a' } }, labels: {}, podSpec: { restartPolicy: 'Never' } };
const sound = { selector: { matchLabels: { app: 'b' } }, labels: { app: 'b' } };

function deleting(object: unknown): object {
  return { ...(object as object), metadata: { name: 'agent', deletionTimestamp: '2026-01-01T00:00:00Z' } };
}

describe('checkDaemonSet', () => {
  it('returns the violations of all rules, not only the first', () => {
    const rules = checkDaemonSet(updated(sound, broken)).map(({ rule }) => rule);
    expect(rules).toEqual(['selector-immutable', 'selector-matches-template', 'restart-policy']);
  });

  it('returns nothing for a sound DaemonSet', () => {
    expect(checkDaemonSet(created(sound))).toEqual([]);
    expect(checkDaemonSet(updated(sound, sound))).toEqual([]);
  });

  it('takes the level of each rule from the configuration, else from the rule', () => {
    const levels = { 'restart-policy': 'off', 'selector-matches-template': 'warn' } as const;
    expect(checkDaemonSet(created(broken), levels)).toMatchObject([
      { rule: 'selector-matches-template', level: 'warn' },
    ]);
    const quiet: DaemonSetRule = {
      id: 'quiet',
      level: 'off',
      check: () => [{ path: 'spec', message: 'is odd' }],
    };
    expect(checkDaemonSet(created(sound), {}, [quiet])).toEqual([]);
    expect(checkDaemonSet(created(sound), { quiet: 'deny' }, [quiet])).toEqual([
      { rule: 'quiet', level: 'deny', path: 'spec', message: 'is odd' },
    ]);
  });

  describe('while the DaemonSet is being deleted', () => {
    it('lets every UPDATE through, so that finalizers come off', () => {
      const change = updated(sound, broken);
      expect(checkDaemonSet({ ...change, oldObject: deleting(change.oldObject) })).toEqual([]);
    });

    it('is not deceived by a deletionTimestamp that only the client wrote', () => {
      const { oldObject } = updated(sound, broken);
      const object = deleting(rawDaemonSet(broken));
      expect(checkDaemonSet(updateOf(oldObject, object))).toHaveLength(3);
      expect(checkDaemonSet(creationOf(object))).toHaveLength(2);
    });
  });

  it('never throws, whatever the JSON', () => {
    const cluster = clusterOf({
      daemonSets: [daemonSet()],
      nodes: [node('a')],
      pods: [pod('p', { on: 'a' })],
    });
    const part = fc.jsonValue({ maxDepth: 3 });
    const parts = fc.record({ selector: part, labels: part, podSpec: part }, { requiredKeys: [] });
    const object = fc.oneof(fc.jsonValue(), parts.map(rawDaemonSet));
    fc.assert(
      fc.property(object, object, (object, oldObject) => {
        checkDaemonSet(creationOf(object, { cluster }));
        checkDaemonSet(updateOf(oldObject, object, { cluster }));
        checkDaemonSet({ ...updateOf(oldObject, null, { cluster }), operation: 'DELETE', options: object });
      }),
      { numRuns: 500 },
    );
  });
});
