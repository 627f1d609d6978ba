import { load, type LoadOrder } from './load.ts';

/**
 * A process of its own that sends load and does nothing else. Prints the LoadResult as JSON.
 *
 *     node bench/webhook/load-process.ts LOAD_ORDER
 */
const order = JSON.parse(process.argv[2] ?? '') as LoadOrder;
process.stdout.write(JSON.stringify(await load(order)));
