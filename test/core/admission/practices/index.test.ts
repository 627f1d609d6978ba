import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { practices } from '../../../../src/core/admission/practices/index.ts';
import { ruleIds } from '../../../../src/core/admission/rule-ids.ts';
import { clusterOf } from '../../../builders/cluster-view.ts';
import { daemonSet } from '../../../builders/daemonset.ts';
import { node } from '../../../builders/node.ts';
import { pod } from '../../../builders/pod.ts';
import { creationOf, rawDaemonSet } from '../rules/daemonset-change.ts';

const source = join(import.meta.dirname, '../../../../src/core/admission/practices');
const tests = readdirSync(import.meta.dirname).map((name) =>
  readFileSync(join(import.meta.dirname, name), 'utf8'),
);

describe('the register of practices', () => {
  it('holds every rule that has a file', () => {
    const ids = readdirSync(source)
      .map((name) => /^ {2}id: '([^']+)'/m.exec(readFileSync(join(source, name), 'utf8'))?.[1])
      .filter((id) => id !== undefined);
    expect(practices.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  });

  it('has ids that are told from those of all other rules', () => {
    expect(new Set(ruleIds).size).toBe(ruleIds.length);
  });

  it.each(practices.map(({ id }) => id))('has tests for %s', (id) => {
    expect(tests.some((text) => new RegExp(`['"]?${id}['"]?: \\{|'${id}'`).test(text))).toBe(true);
  });

  it('says nothing at admission unless it is asked to', () => {
    expect(new Set(practices.map(({ level }) => level))).toEqual(new Set(['off']));
  });

  it('never throws, whatever the JSON', () => {
    const cluster = clusterOf({
      daemonSets: [daemonSet()],
      nodes: [node('a')],
      pods: [pod('p', { on: 'a' })],
    });
    const part = fc.jsonValue({ maxDepth: 4 });
    const parts = fc.record(
      { selector: part, podSpec: part, updateStrategy: part, annotations: part },
      { requiredKeys: [] },
    );
    const named = fc.record({
      containers: fc.array(part),
      volumes: fc.array(part),
      tolerations: fc.array(part),
    });
    const objects = fc.oneof(
      part,
      parts.map(rawDaemonSet),
      named.map((podSpec) => rawDaemonSet({ podSpec })),
    );
    fc.assert(
      fc.property(objects, (object) => {
        for (const rule of practices) rule.check({ ...creationOf(object, { cluster }), now: 0 });
      }),
      { numRuns: 500 },
    );
  });
});
