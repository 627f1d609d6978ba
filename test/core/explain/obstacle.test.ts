import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeObstacle, obstacles } from '../../../src/core/explain/obstacle.ts';
import { compileEligibility } from '../../../src/core/scheduling/eligibility.ts';
import { encounters } from '../../builders/arbitrary-encounter.ts';
import { required } from '../../builders/pod-spec.ts';
import { node, taint } from '../../builders/node.ts';

describe('obstacles', () => {
  it('are none exactly where the node is eligible, and the first is what decided', () => {
    fc.assert(
      fc.property(encounters, ({ spec, node }) => {
        const answer = compileEligibility(spec)(node);
        const [decisive] = obstacles(spec, node);
        expect(decisive === undefined).toBe(answer.shouldRun);
        if (decisive && !answer.shouldRun) {
          expect(decisive.kind).toBe(answer.reason.kind);
          if (decisive.kind !== 'nodeAffinity') expect(decisive).toEqual(answer.reason);
        }
      }),
    );
  });

  it('are all named, not only the first', () => {
    const found = obstacles(
      { nodeName: 'm', nodeSelector: { a: '1', b: '2' } },
      node('n', { labels: { b: '3' }, taints: [taint('x=y:NoSchedule'), taint('z:NoExecute')] }),
    );
    expect(found.map((obstacle) => describeObstacle(obstacle))).toEqual([
      'the template names the node m in spec.nodeName',
      'lacks the label a=1 that spec.nodeSelector asks for',
      'has b=3, and spec.nodeSelector asks for 2',
      'has the taint z:NoExecute, which the pod does not tolerate',
      'has the taint x=y:NoSchedule, which the pod does not tolerate',
    ]);
  });
});

describe('an affinity that is not met', () => {
  const zone = (...values: string[]) => ({ key: 'zone', operator: 'In', values });
  const gpu = { key: 'gpu', operator: 'Exists' };
  const sentence = (terms: Parameters<typeof required>[0], labels = {}): string =>
    describeObstacle(obstacles(required(terms), node('n', { labels }))[0]!);

  it.each<[string, Parameters<typeof required>[0], Record<string, string>, string]>([
    [
      'of one term',
      [{ matchExpressions: [zone('a', 'b')] }],
      { zone: 'c' },
      'the only one asks for zone in (a, b) (the node has c)',
    ],
    [
      'of one label missing',
      [{ matchExpressions: [zone('a'), gpu] }],
      { zone: 'a' },
      'the only one asks for gpu to exist (the node has no such label)',
    ],
    [
      'tells the term that comes nearest',
      [{ matchExpressions: [zone('a'), gpu] }, { matchExpressions: [zone('b'), gpu] }],
      { zone: 'b' },
      'the nearest, term 2, asks for gpu to exist (the node has no such label)',
    ],
    [
      'by name',
      [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['m'] }] }],
      {},
      'the only one asks for metadata.name in (m) (the node has n)',
    ],
    ['that is empty', [{}], {}, 'the only one is empty, and an empty term matches nothing'],
    ['without terms', [], {}, 'there is none'],
    [
      'that is malformed is farther away than any other',
      [
        { matchExpressions: [{ key: 'a', operator: 'Like', values: ['b'] }] },
        { matchExpressions: [zone('a'), gpu] },
      ],
      {},
      'the nearest, term 2, asks for zone in (a) (the node has no such label) and gpu to exist (the node has no such label)',
    ],
    [
      'that is malformed',
      [{ matchExpressions: [{ key: 'a', operator: 'Like', values: ['b'] }] }],
      {},
      'the only one asks for a Like (b), which is malformed and matches no node',
    ],
  ])('%s', (_, terms, labels, expected) => {
    expect(sentence(terms, labels)).toBe(`matches no term of the required node affinity: ${expected}`);
  });

  it('is said without what this node has, where it is to hold for others', () => {
    const [obstacle] = obstacles(
      required([{ matchExpressions: [zone('a')] }]),
      node('n', { labels: { zone: 'c' } }),
    );
    expect(describeObstacle(obstacle!, 'any node')).toBe(
      'matches no term of the required node affinity: the only one asks for zone in (a)',
    );
    const [selector] = obstacles({ nodeSelector: { zone: 'a' } }, node('n', { labels: { zone: 'c' } }));
    expect(describeObstacle(selector!, 'any node')).toBe(
      'lacks the label zone=a that spec.nodeSelector asks for',
    );
  });
});
