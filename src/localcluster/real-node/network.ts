import { randomInt } from 'node:crypto';
import { LocalClusterError } from '../errors.ts';

/**
 * Addresses of one cluster's real node, all from one /24: the first four are the link between this machine and the
 * node, the upper half is for pods.
 */
export type NodeNetwork = {
  /** Of the link on this machine, and of the node's cgroup: unlike those of other clusters here. */
  readonly name: string;
  /** This machine, as the node and its pods see it. */
  readonly host: string;
  readonly node: string;
  /** Of the link. */
  readonly prefixLength: number;
  /** The range that pods get their addresses from. */
  readonly pods: string;
  readonly everything: string;
};

const FIRST_BLOCK = 200;
const LAST_BLOCK = 249;

/** A network from 10.200.0.0 to 10.249.255.255, chosen by the two numbers. */
export function networkAt(second: number, third: number): NodeNetwork {
  const block = `10.${second}.${third}`;
  return {
    name: `evn-${second}-${third}`,
    host: `${block}.1`,
    node: `${block}.2`,
    prefixLength: 30,
    pods: `${block}.128/25`,
    everything: `${block}.0/24`,
  };
}

const ATTEMPTS = 50;

/**
 * A network that nothing on this machine routes to.
 *
 * @param hasRoutes whether routes into the range exist.
 */
export async function freeNetwork(hasRoutes: (range: string) => Promise<boolean>): Promise<NodeNetwork> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const network = networkAt(randomInt(FIRST_BLOCK, LAST_BLOCK + 1), randomInt(0, 256));
    if (!(await hasRoutes(network.everything))) return network;
  }
  throw new LocalClusterError(
    `no free network for the real node between 10.${FIRST_BLOCK}.0.0 and 10.${LAST_BLOCK}.255.255; remove routes into that range`,
  );
}
