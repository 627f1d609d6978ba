import { expect, it } from 'vitest';
import { DAEMONSETS, PODS } from '../../src/api/kinds.ts';
import { sampleCaches } from '../../src/syncloop/cache-samples.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { node } from '../builders/node.ts';
import { pod } from '../builders/pod.ts';
import { FakeClient } from './fake-client.ts';
import { type Contents, filledCaches } from './filled-caches.ts';
import { daemonSetNamed } from './objects.ts';
import { rawNode, rawPod } from './raw-objects.ts';

type Scraped = {
  readonly client: FakeClient;
  readonly scrape: (metric: string) => Promise<readonly string[]>;
};

/** What a scrape finds under a name, without the name. */
async function scraping(contents: Contents): Promise<Scraped> {
  const client = new FakeClient();
  const metrics = createMetrics('test');
  sampleCaches(metrics, await filledCaches(client, contents));
  const scrape = async (metric: string): Promise<readonly string[]> =>
    (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith(`${metric}{`))
      .map((line) => line.slice(metric.length));
  return { client, scrape };
}

it('counts the objects in each cache, as of the scrape', async () => {
  const { client, scrape } = await scraping({
    nodes: ['n1', 'n2'].map((name) => rawNode(node(name))),
    pods: [rawPod(pod('p1', { on: 'n1' }))],
  });
  await client.feed(PODS).send('ADDED', rawPod({ ...pod('p2', { on: 'n2' }), resourceVersion: '101' }));
  expect(await scrape('everynode_informer_objects')).toEqual([
    '{kind="daemonSets"} 0',
    '{kind="nodes"} 2',
    '{kind="pods"} 2',
    '{kind="revisions"} 0',
  ]);
});

it('tells the pods of each DaemonSet as its status counts them', async () => {
  const status = {
    desiredNumberScheduled: 7,
    currentNumberScheduled: 6,
    numberMisscheduled: 1,
    numberReady: 5,
    updatedNumberScheduled: 4,
    numberAvailable: 3,
    numberUnavailable: 2,
  };
  const { scrape } = await scraping({ daemonSets: [daemonSetNamed('demo', {}, { status })] });
  const labels = (state: string): string => `{namespace="default",daemonset="demo",state="${state}"}`;
  expect(await scrape('everynode_daemonset_pods')).toEqual([
    `${labels('desired')} 7`,
    `${labels('current')} 6`,
    `${labels('misscheduled')} 1`,
    `${labels('ready')} 5`,
    `${labels('updated')} 4`,
    `${labels('available')} 3`,
    `${labels('unavailable')} 2`,
  ]);
});

it('tells zeros before there is a status, and nothing of a DaemonSet that is gone', async () => {
  const demo = daemonSetNamed('demo');
  const { client, scrape } = await scraping({ daemonSets: [demo] });
  const before = await scrape('everynode_daemonset_pods');
  expect(before.map((line) => line.split(' ').at(-1))).toEqual(Array(7).fill('0'));
  await client.feed(DAEMONSETS).send('DELETED', demo);
  expect(await scrape('everynode_daemonset_pods')).toEqual([]);
});
