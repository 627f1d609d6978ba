import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hashOf,
  parseCell,
  OVERVIEW,
  parseRoute,
  type Route,
  signInKey,
  type View,
  withOptions,
} from '../../../../src/dashboard/page/routing/route.ts';

const text = fc.string({ unit: 'grapheme' });
const word = fc.string({ unit: 'grapheme', minLength: 1 });
const name = fc.stringMatching(/^[a-z0-9.-]+$/);
const view: fc.Arbitrary<View> = fc.oneof(
  fc.constant<View>({ view: 'overview' }),
  fc.constant<View>({ view: 'findings' }),
  fc.constant<View>({ view: 'unknown' }),
  fc.record({ view: fc.constant('group' as const), label: word, value: text }),
  fc.record({ view: fc.constant('node' as const), node: word }),
  fc.record({
    view: fc.constant('daemonSet' as const),
    daemonSet: fc.tuple(name, name).map((parts) => parts.join('/')),
  }),
);
const options = fc.record(
  {
    by: word,
    daemonSets: word,
    nodes: word,
    only: word,
    severity: word,
    text: word,
    at: word,
    explain: word,
  },
  { requiredKeys: [] },
);

it('what is written into the address is read from it, whatever the names', () => {
  fc.assert(
    fc.property(view, options, (view, options) => {
      const route: Route = { ...view, options };
      expect(parseRoute(hashOf(route))).toEqual(route);
    }),
  );
});

it('an address of any kind is read without a fault', () => {
  fc.assert(
    fc.property(text, (hash) => {
      expect(parseRoute(`#${hash}`)).toHaveProperty('view');
    }),
  );
});

describe('an address', () => {
  it.each([
    ['', 'overview'],
    ['#', 'overview'],
    ['#/', 'overview'],
    ['#/?by=zone', 'overview'],
    ['#/findings', 'findings'],
    ['#/nothing/of/ours', 'unknown'],
    ['#/node/%E0%A4%A', 'unknown'],
  ])('%s shows %s', (hash, view) => {
    expect(parseRoute(hash).view).toBe(view);
  });

  it('is short where there is nothing to say', () => {
    expect(hashOf(OVERVIEW)).toBe('#/');
    expect(hashOf(withOptions(OVERVIEW, { daemonSets: '' }))).toBe('#/');
  });

  it('holds labels with slashes', () => {
    expect(hashOf({ view: 'group', label: 'topology.kubernetes.io/zone', value: 'a', options: {} })).toBe(
      '#/group/topology.kubernetes.io%2Fzone/a',
    );
  });
});

it('options are changed, and left out where they say nothing', () => {
  const route = withOptions(OVERVIEW, { by: 'zone', nodes: 'a' });
  expect(withOptions(route, { nodes: undefined, only: 'unsettled' }).options).toEqual({
    by: 'zone',
    only: 'unsettled',
  });
});

it('a link that signs in is told from a route', () => {
  expect(signInKey('#key=a%2Bb')).toBe('a+b');
  expect(signInKey('#/?key=a')).toBeUndefined();
  expect(signInKey('#key=')).toBeUndefined();
});

it('reads the cell that is explained, and none out of a link that was cut', () => {
  expect(parseCell('kube-system/proxy@node-1.example')).toEqual({
    daemonSet: 'kube-system/proxy',
    node: 'node-1.example',
  });
  for (const cut of [undefined, 'kube-system', 'kube-system/proxy', 'kube-system/proxy@', '@node-1', '/@n']) {
    expect(parseCell(cut)).toBeUndefined();
  }
});
