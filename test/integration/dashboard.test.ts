import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DashboardProcess, startDashboardProcess } from './dashboard/dashboard-process.ts';
import {
  accessibilityFaults,
  canBrowse,
  cellStates,
  openBrowser,
  openTab,
  type Tab,
} from './dashboard/browser.ts';
import { daemonSet, Everynode, eventually, isReady, type RawPod, TestCluster } from './harness.ts';

const ZONES = 'topology.kubernetes.io/zone';
const PLAIN = ['n1', 'n2', 'n3', 'n4', 'n5'];
const NODES = ['gpu', ...PLAIN];
const HOSTILE = `<img src=x onerror="alert(1)">`;
const NEVER_READY = { metadata: { annotations: { 'everynode.dev/simulate': 'never-ready' } } };

type Patch = Readonly<Record<string, unknown>>;

describe.skipIf(!canBrowse)('the dashboard in Chromium, on the real API server', () => {
  let cluster: TestCluster;
  let everynode: Everynode;
  let dashboard: DashboardProcess;
  let browser: Browser;
  /** Signed in by the link. */
  let tab: Tab;
  let page: Page;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.local.addNodes([
      { name: 'gpu', taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }] },
      ...PLAIN.map((name, index) => ({ name, labels: { [ZONES]: index < 3 ? 'eu-a' : 'eu-b' } })),
    ]);
    everynode = await Everynode.own(cluster);
    [dashboard, browser] = await Promise.all([startDashboardProcess(cluster), openBrowser(), setTheScene()]);
    tab = await openTab(browser);
    ({ page } = tab);
  });

  beforeEach(async () => {
    if (page.url() !== 'about:blank') await page.goto(new URL('#/', dashboard.link).href);
  });

  afterAll(async () => {
    await browser?.close();
    await Promise.all([dashboard?.stop(), everynode?.stop()]);
    await cluster?.stop();
  });

  /** One DaemonSet for each thing that can be said of a node, none of which changes by itself. */
  async function setTheScene(): Promise<void> {
    await cluster.kubectl('create', 'namespace', 'full');
    await cluster.kubectl('create', 'quota', 'none', '--hard=pods=0', '-n', 'full');
    const refused = daemonSet('refused') as { metadata: object };
    await Promise.all([
      cluster.apply(daemonSet('settled')),
      cluster.apply(daemonSet('rolling')),
      cluster.apply(daemonSet('by-hand', { spec: { updateStrategy: { type: 'OnDelete' } } })),
      cluster.apply({ ...refused, metadata: { ...refused.metadata, namespace: 'full' } }),
      cluster.apply(
        daemonSet('stuck', {
          annotations: NEVER_READY.metadata.annotations,
          pod: { containers: [{ name: 'agent', image: `pause:3.9${HOSTILE}` }] },
        }),
      ),
    ]);
    for (const name of ['settled', 'rolling', 'by-hand']) {
      await eventually(async () => expect(await cluster.nodesWith(name)).toEqual(PLAIN));
    }
    // A rollout that gets no further than its first node, and one that is left to whoever deletes pods.
    await patch('daemonset/rolling', { spec: { template: NEVER_READY } });
    await patch('daemonset/by-hand', { spec: { template: { metadata: { annotations: { again: 'yes' } } } } });
    await eventually(async () => expect(await notReady('rolling')).toHaveLength(1));
    await eventually(async () => expect(await notReady('stuck')).toHaveLength(PLAIN.length));
    const revised = await cluster.daemonSet('by-hand');
    await eventually(async () =>
      expect((await cluster.daemonSet('by-hand')).status?.observedGeneration).toBe(
        revised.metadata.generation,
      ),
    );
    const [first] = await cluster.pods('by-hand');
    await cluster.kubectl('delete', 'pod', first!.metadata.name);
    await eventually(async () => expect(await cluster.nodesWith('by-hand')).toEqual(PLAIN));
    const accepted = { annotations: { 'everynode.dev/ignore.readiness-probe': HOSTILE } };
    await patch('daemonset/stuck', { metadata: accepted });
    const [stuck] = await notReady('stuck');
    const waiting = { name: 'agent', image: '', imageID: '', ready: false, restartCount: 0 };
    await patch(
      `pod/${stuck!.metadata.name}`,
      { status: { containerStatuses: [{ ...waiting, state: { waiting: { reason: HOSTILE } } }] } },
      '--subresource=status',
    );
  }

  function patch(object: string, change: Patch, ...args: readonly string[]): Promise<string> {
    return cluster.kubectl('patch', object, '--type=merge', '-p', JSON.stringify(change), ...args);
  }

  async function notReady(name: string): Promise<readonly RawPod[]> {
    return (await cluster.pods(name)).filter((pod) => pod.status.phase === 'Running' && !isReady(pod));
  }

  /** What the cell of each node has to say, by what the API server says of the pods there. */
  async function expected(name: string): Promise<Record<string, string>> {
    const { items } = await cluster.json<{ items: ControllerRevision[] }>(
      'get',
      'controllerrevisions',
      '-l',
      `app=${name}`,
    );
    const current = items.toSorted((a, b) => b.revision - a.revision)[0]?.metadata.labels[
      'controller-revision-hash'
    ];
    const pods = new Map((await cluster.pods(name)).map((pod) => [pod.spec.nodeName, pod]));
    const stateOn = (node: string): string => {
      const pod = pods.get(node);
      if (!pod) return 'none';
      if (!isReady(pod)) return JSON.stringify(pod.status).includes('"waiting"') ? 'trouble' : 'starting';
      return pod.metadata.labels['controller-revision-hash'] === current ? 'available' : 'outdated';
    };
    return Object.fromEntries(NODES.map((node) => [node, stateOn(node)]));
  }

  async function shown(name: string, namespace = 'default'): Promise<Record<string, string | undefined>> {
    const states = await cellStates(page);
    return Object.fromEntries(NODES.map((node) => [node, states.get(`${namespace}/${name} on ${node}`)]));
  }

  function count(states: Record<string, string>, state: string): number {
    return Object.values(states).filter((each) => each === state).length;
  }

  test('the link signs in, and its key is gone from the address at once', async () => {
    await page.goto(dashboard.link);
    await page.getByRole('heading', { name: 'Coverage' }).waitFor();
    await page.getByRole('grid').waitFor();
    expect(page.url()).not.toContain('key');
    expect(await page.title()).toBe('everynode');
    await page.getByRole('status', { name: 'Connection' }).getByText('live').waitFor();
  });

  test('while rollouts run, every cell is as the API server says', async () => {
    const [rolling, byHand, stuck] = await Promise.all([
      expected('rolling'),
      expected('by-hand'),
      expected('stuck'),
    ]);
    expect([count(rolling, 'starting'), count(rolling, 'outdated'), rolling['gpu']]).toEqual([1, 4, 'none']);
    expect([count(byHand, 'available'), count(byHand, 'outdated')]).toEqual([1, 4]);
    expect([count(stuck, 'trouble'), count(stuck, 'starting')]).toEqual([1, 4]);
    await eventually(async () => {
      expect(await shown('settled')).toEqual(await expected('settled'));
      expect(await shown('rolling')).toEqual(rolling);
      expect(await shown('by-hand')).toEqual(byHand);
      expect(await shown('stuck')).toEqual(stuck);
      expect(await shown('refused', 'full')).toEqual({
        ...Object.fromEntries(PLAIN.map((node) => [node, 'missing'])),
        gpu: 'none',
      });
    });
  });

  test('a change shows by itself: a taint, and a new DaemonSet', async () => {
    await cluster.kubectl('taint', 'node', 'n5', 'maintenance=yes:NoSchedule');
    await cluster.apply(daemonSet('late', { pod: { nodeSelector: { [ZONES]: 'eu-a' } } }));
    await eventually(async () => {
      expect(await shown('settled')).toMatchObject({ n4: 'available', n5: 'kept' });
      expect(await shown('late')).toMatchObject({ n1: 'available', n4: 'none', n5: 'none' });
    });
  });

  test('a rollout is told by revision, its nodes by what can be said of them', async () => {
    await page.getByRole('link', { name: /^default\/rolling/ }).click();
    await page.getByRole('heading', { name: 'default/rolling', level: 1 }).waitFor();
    const progress = page.getByRole('progressbar');
    expect(await progress.getAttribute('aria-valuetext')).toBe('0 of 4');
    const rows = page.getByRole('table').getByRole('row');
    expect(
      (await rows.allInnerTexts()).map((text) => text.split(/\s+/).slice(0, 4).join(' ').trim()),
    ).toEqual(['Revision Pods Available', '2 current 1 0', '1 old 4 4']);
    await page.getByText('waits for its turn in the rollout').first().waitFor();
    expect(await page.title()).toBe('default/rolling · everynode');
    await page.goBack();
    await page.getByRole('heading', { name: 'Coverage' }).waitFor();
  });

  test('names and reasons that are markup are shown as text, and nothing of them runs', async () => {
    await page.getByRole('gridcell', { name: /default\/stuck on \w+: trouble/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(HOSTILE, { exact: false }).first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: /^Findings/ }).click();
    await page.getByText(`accepted: ${HOSTILE}`, { exact: false }).first().waitFor();
    await page.goto(new URL('#/daemonset/default/stuck', dashboard.link).href);
    await page.getByText(HOSTILE, { exact: false }).first().waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(tab.faults).toEqual([]);
  });

  test('with nothing but keys: sign in, walk to a cell, have it explained, and be back', async () => {
    const { page, faults } = await openTab(browser);
    const { keyboard } = page;
    const focused = page.locator(':focus');
    const tabTo = async (wanted: string): Promise<void> => {
      for (let presses = 0; !(await focused.and(page.locator(wanted)).count()); presses += 1) {
        expect(presses, `Tab never came to ${wanted}`).toBeLessThan(20);
        await keyboard.press('Tab');
      }
    };
    await page.goto(new URL('/', dashboard.link).href);
    await page.getByLabel('Token of Kubernetes').waitFor();
    await tabTo('#token');
    await keyboard.type('no-such-token');
    await keyboard.press('Enter');
    await page.getByRole('alert').getByText(/token/i).waitFor();
    await focused.and(page.locator('#token')).waitFor();
    await keyboard.press('ControlOrMeta+A');
    await keyboard.type(cluster.local.token);
    await keyboard.press('Enter');
    await page.getByRole('grid').waitFor();
    await tabTo('[role=grid] *');
    await keyboard.press('Control+Home');
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight']) await keyboard.press(key);
    const cell = await focused.getAttribute('aria-label');
    expect(cell).toMatch(/^default\/by-hand on n1: /);
    await keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'default/by-hand on n1' });
    await dialog.getByText('A pod of DaemonSet default/by-hand belongs there.').waitFor();
    expect(await dialog.locator(':focus').count()).toBe(1);
    await keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await focused.getAttribute('aria-label')).toBe(cell);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test.each(['light', 'dark'] as const)('axe finds nothing to complain of, in %s', async (theme) => {
    const { page } = await openTab(browser, { theme });
    await page.goto(new URL('/', dashboard.link).href);
    await page.getByLabel('Token of Kubernetes').waitFor();
    expect(await accessibilityFaults(page, theme)).toEqual([]);
    await page.getByLabel('Token of Kubernetes').fill(cluster.local.token);
    await page.keyboard.press('Enter');
    const views: readonly (readonly [hash: string, shows: string])[] = [
      ['#/', 'role=grid'],
      [`#/?by=${encodeURIComponent(ZONES)}`, 'text=eu-b'],
      [`#/group/${encodeURIComponent(ZONES)}/eu-b`, 'role=heading[name="zone eu-b"]'],
      ['#/daemonset/default/stuck', 'text=Why, node by node'],
      ['#/node/gpu', 'text=has the taint dedicated=gpu:NoSchedule'],
      ['#/findings', 'role=heading[name="default/stuck"]'],
      ['#/?explain=default/late@n5', 'role=dialog >> text=in the way'],
      ['#/?daemonSets=nothing-of-that-name', 'text=No DaemonSet has such a name.'],
      ['#/nowhere', 'text=There is no such page'],
    ];
    await page.getByRole('grid').waitFor();
    for (const [hash, shows] of views) {
      await page.evaluate((to) => void (location.hash = to), hash);
      await page.locator(shows).first().waitFor();
      expect(await accessibilityFaults(page, theme), hash).toEqual([]);
    }
    await page.context().close();
  });

  test('an API server that goes away is told of, and what changed then shows when it is back', async () => {
    await page.getByRole('grid').waitFor();
    const status = page.getByRole('status', { name: 'Connection' });
    const apiserver = cluster.local.component('kube-apiserver');
    await apiserver.stop('SIGKILL');
    await status.getByText('The cluster does not answer since').waitFor();
    expect(await shown('settled')).toMatchObject({ n4: 'available', n5: 'kept' });
    await apiserver.start();
    await status.getByText('live').waitFor();
    await cluster.kubectl('taint', 'node', 'n5', 'maintenance-');
    await eventually(async () => expect(await shown('settled')).toEqual(await expected('settled')));
    expect(tab.faults).toEqual([]);
  });

  test('a server that hangs is told of, though no connection ends', async () => {
    const { page } = await openTab(browser);
    await page.clock.install();
    await page.goto(dashboard.link);
    const status = page.getByRole('status', { name: 'Connection' });
    await status.getByText('live').waitFor();
    dashboard.signal('SIGSTOP');
    try {
      await page.clock.fastForward(60_000);
      await status.getByText('everynode does not answer').waitFor();
    } finally {
      dashboard.signal('SIGCONT');
    }
    await status.getByText('live').waitFor();
    await page.context().close();
  });

  test('who signs out sees nothing any more, here and in other tabs', async () => {
    const other = await page.context().newPage();
    await other.goto(new URL('/', dashboard.link).href);
    await other.getByRole('grid').waitFor();
    await page.locator('summary').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token of Kubernetes').waitFor();
    await other.getByText('The session has ended.').waitFor();
    expect(await other.getByRole('grid').count()).toBe(0);
  });
});

type ControllerRevision = {
  readonly revision: number;
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
};
