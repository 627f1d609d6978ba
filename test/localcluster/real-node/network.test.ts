import { describe, expect, it } from 'vitest';
import { freeNetwork, networkAt } from '../../../src/localcluster/real-node/network.ts';

describe('networkAt', () => {
  it('has the link and the pods in one range, apart from each other', () => {
    expect(networkAt(200, 7)).toEqual({
      name: 'evn-200-7',
      host: '10.200.7.1',
      node: '10.200.7.2',
      prefixLength: 30,
      pods: '10.200.7.128/25',
      everything: '10.200.7.0/24',
    });
  });

  it('has a name that is short enough for a network interface', () => {
    expect(networkAt(249, 255).name.length).toBeLessThan(16);
  });
});

describe('freeNetwork', () => {
  it('passes over ranges that have routes', async () => {
    const asked: string[] = [];
    const network = await freeNetwork(async (range) => asked.push(range) < 3);
    expect(asked).toHaveLength(3);
    expect(network.everything).toBe(asked[2]);
  });

  it('gives up when all have', async () => {
    await expect(freeNetwork(async () => true)).rejects.toThrow(/remove routes into that range/);
  });
});
