import { describe, expect, it } from 'vitest';
import { NODES } from '../../src/api/kinds.ts';
import { SortedNodes } from '../../src/cache/sorted-nodes.ts';
import { node } from '../builders/node.ts';
import { FakeClient } from '../syncloop/fake-client.ts';
import { filledCaches } from '../syncloop/filled-caches.ts';
import { rawNode } from '../syncloop/raw-objects.ts';

const names = (objects: readonly { readonly name: string }[]): readonly string[] =>
  objects.map(({ name }) => name);

describe('SortedNodes', () => {
  const raw = (name: string): object => rawNode(node(name));

  it('lists the nodes in order of their names, not as they came', async () => {
    const caches = await filledCaches(new FakeClient(), { nodes: ['n2', 'n10', 'n1'].map(raw) });
    expect(names(new SortedNodes(caches).list())).toEqual(['n1', 'n10', 'n2']);
  });

  it('sorts again after a change, and only then', async () => {
    const client = new FakeClient();
    const sorted = new SortedNodes(await filledCaches(client, { nodes: ['n2', 'n3'].map(raw) }));
    const first = sorted.list();
    expect(sorted.list()).toBe(first);

    await client.feed(NODES).send('ADDED', raw('n1'));
    expect(names(sorted.list())).toEqual(['n1', 'n2', 'n3']);
    await client.feed(NODES).send('DELETED', raw('n2'));
    expect(names(sorted.list())).toEqual(['n1', 'n3']);
    const relabelled = { ...node('n3', { labels: { zone: 'a' } }), resourceVersion: '2' };
    await client.feed(NODES).send('MODIFIED', rawNode(relabelled));
    expect(sorted.list()[1]?.labels).toEqual({ zone: 'a' });
  });
});
