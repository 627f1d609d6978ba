import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IndexedStore } from '../../src/kube/store.ts';

type Item = { readonly id: string; readonly tags: readonly string[] };

const byTag = { tag: ({ tags }: Item) => tags };

function item(id: string, ...tags: readonly string[]): Item {
  return { id, tags };
}

describe('IndexedStore', () => {
  it('gives what was set last', () => {
    const store = new IndexedStore<Item>();
    store.set('a', item('1'));
    store.set('b', item('2'));
    store.set('a', item('3'));
    expect([store.size, store.get('a')?.id, store.get('b')?.id, store.get('c')]).toEqual([
      2,
      '3',
      '2',
      undefined,
    ]);
    expect(store.keys().toSorted()).toEqual(['a', 'b']);
    expect(
      store
        .list()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['2', '3']);
  });

  it('forgets what was deleted, and a second time does nothing', () => {
    const store = new IndexedStore<Item>(byTag);
    store.set('a', item('1', 'x'));
    store.delete('a');
    store.delete('a');
    expect([store.size, store.get('a'), store.list(), store.byIndex('tag', 'x')]).toEqual([
      0,
      undefined,
      [],
      [],
    ]);
  });

  it('files an object under each value of an index', () => {
    const store = new IndexedStore<Item>(byTag);
    store.set('a', item('1', 'x', 'y'));
    store.set('b', item('2', 'y', 'y'));
    expect(store.byIndex('tag', 'x').map(({ id }) => id)).toEqual(['1']);
    expect(store.byIndex('tag', 'y').map(({ id }) => id)).toEqual(['1', '2']);
    expect(store.byIndex('tag', 'z')).toEqual([]);
  });

  it('moves an object when its values change', () => {
    const store = new IndexedStore<Item>(byTag);
    store.set('a', item('1', 'x', 'y'));
    store.set('a', item('2', 'y', 'z'));
    expect(['x', 'y', 'z'].map((tag) => store.byIndex('tag', tag).map(({ id }) => id))).toEqual([
      [],
      ['2'],
      ['2'],
    ]);
  });

  it('knows no index that it was not given', () => {
    expect(() => new IndexedStore<Item>(byTag).byIndex('node', 'x')).toThrow('there is no index "node"');
  });

  it('hands out lists that later changes leave alone', () => {
    const store = new IndexedStore<Item>(byTag);
    store.set('a', item('1', 'x'));
    const lists = [store.list(), store.byIndex('tag', 'x'), store.keys()];
    store.delete('a');
    expect(lists.map(({ length }) => length)).toEqual([1, 1, 1]);
  });

  it('finds by index what a search of all objects finds', () => {
    const tags = fc.array(fc.constantFrom('x', 'y', '__proto__'), { maxLength: 3 });
    const change = fc.record({ key: fc.constantFrom('a', 'b', 'c'), tags: fc.option(tags) });
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const store = new IndexedStore<Item>(byTag);
        for (const [at, { key, tags }] of changes.entries()) {
          if (tags) store.set(key, item(String(at), ...tags));
          else store.delete(key);
        }
        for (const tag of ['x', 'y', '__proto__']) {
          expect(new Set(store.byIndex('tag', tag))).toEqual(
            new Set(store.list().filter((object) => object.tags.includes(tag))),
          );
        }
      }),
    );
  });
});
