import type { Browser, Page } from 'playwright-core';
import type { Finding } from '../../src/core/audit/finding.ts';
import { PATHS } from '../../src/dashboard/wire.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  accessibilityFaults,
  canBrowse,
  cellStates,
  openBrowser,
  openTab,
  setHidden,
  type Tab,
} from './dashboard/browser.ts';
import { type LargeDashboard, startLargeDashboard } from './dashboard/large-dashboard.ts';
import { eventually } from './harness.ts';

const NODES = 5_000;
const SETS = 100;
/** However much is on the board: what is seen at once, and what frames it. */
const MOST_ELEMENTS = 4_000;

describe.skipIf(!canBrowse)(`the dashboard in Chromium, ${NODES} nodes and ${SETS} DaemonSets`, () => {
  let dashboard: LargeDashboard;
  let browser: Browser;
  let tab: Tab;
  let page: Page;

  beforeAll(async () => {
    [dashboard, browser] = await Promise.all([startLargeDashboard(NODES, SETS), openBrowser()]);
    tab = await openTab(browser);
    ({ page } = tab);
    await page.goto(dashboard.link);
  });

  afterAll(async () => {
    expect(tab.faults).toEqual([]);
    await browser?.close();
    await dashboard?.stop();
  });

  beforeEach(() => show('#/'));

  async function show(hash: string): Promise<void> {
    await page
      .getByRole('grid')
      .or(page.getByRole('heading', { level: 1 }))
      .first()
      .waitFor();
    await page.evaluate((to) => void (location.hash = to), hash);
  }

  function nodeAt(place: number): string {
    return dashboard.board().nodes[place]?.name ?? '';
  }

  /** Of the nodes whose cells are there, as far as nothing has the focus. */
  async function placesSeen(): Promise<readonly number[]> {
    const names = new Set([...(await cellStates(page)).keys()].map((cell) => cell.split(' on ')[1]));
    return dashboard.board().nodes.flatMap(({ name }, place) => (names.has(name) ? [place] : []));
  }

  function elements(): Promise<number> {
    return page.evaluate(() => document.querySelectorAll('*').length);
  }

  test('begins with groups of nodes, each with the number that matters', async () => {
    const trouble = page.getByRole('gridcell', {
      name: 'default/agent-005 in zone eu-a: 1 trouble (1 trouble, 1666 available)',
    });
    await trouble.waitFor();
    expect(await page.getByRole('columnheader').allInnerTexts()).toHaveLength(4);
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe(String(SETS + 1));
    expect(await elements()).toBeLessThan(MOST_ELEMENTS);
    await trouble.click();
    await page.getByRole('heading', { name: 'zone eu-a', level: 1 }).waitFor();
    await page.getByRole('gridcell', { name: /default\/agent-005 on .*: trouble/ }).waitFor();
    expect(await elements()).toBeLessThan(MOST_ELEMENTS);
    await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByRole('link').click();
    await page.getByRole('heading', { name: 'Coverage', level: 1 }).waitFor();
  });

  test('shows every node without holding them all: scrolling shows others', async () => {
    await show('#/?by=*');
    const grid = page.getByRole('grid', { name: 'DaemonSets by node' });
    await grid.waitFor();
    expect(await grid.getAttribute('aria-colcount')).toBe(String(NODES + 1));
    expect([...(await cellStates(page)).keys()]).toContain(`default/agent-000 on ${nodeAt(0)}`);
    for (const part of [0.3, 0.7, 1]) {
      await grid.evaluate((element, to) => {
        element.scrollLeft = to * (element.scrollWidth - element.clientWidth);
        element.scrollTop = to * element.scrollHeight;
      }, part);
      await eventually(async () => {
        const places = await placesSeen();
        expect(Math.min(...places)).toBeGreaterThan(part * NODES - 100);
        expect(Math.max(...places)).toBeLessThan(part * NODES + 100);
      });
      expect(await elements()).toBeLessThan(MOST_ELEMENTS);
    }
    const name = page.getByRole('rowheader').filter({ hasText: 'agent-099' });
    expect((await name.boundingBox())?.x).toBeLessThan(100);
    await name.getByRole('link').click();
    await page.getByRole('heading', { name: 'default/agent-099', level: 1 }).waitFor();
    await page.getByText('Which nodes').waitFor();
    expect(await accessibilityFaults(page, 'light')).toEqual([]);
    expect(await elements()).toBeLessThan(MOST_ELEMENTS);
    await page.goBack();
    await grid.waitFor();
    await eventually(async () => expect(Math.max(...(await placesSeen()))).toBe(NODES - 1));
    expect(await page.locator(':focus').innerText()).toContain('agent-099');
  });

  test('the focus stays on its cell while it is scrolled away and everything changes', async () => {
    await show('#/?by=*');
    const grid = page.getByRole('grid', { name: 'DaemonSets by node' });
    const focused = page.locator(':focus');
    await grid.evaluate((element) => element.scrollTo(0, 0));
    await page.getByRole('gridcell', { name: `default/agent-001 on ${nodeAt(1)}: ` }).focus();
    await grid.evaluate((element) => element.scrollTo(element.scrollWidth, element.scrollHeight));
    await page
      .getByRole('gridcell', { name: `on ${nodeAt(NODES - 1)}: ` })
      .first()
      .waitFor();
    const { daemonSets, ...rest } = dashboard.board();
    dashboard.show({
      ...rest,
      daemonSets: daemonSets.slice(1).map((row) => ({ ...row, cells: `m${row.cells.slice(1)}` })),
    });
    await page.getByText(`${SETS - 1} DaemonSets × `).waitFor();
    expect(await focused.getAttribute('aria-label')).toContain(`default/agent-001 on ${nodeAt(1)}: `);
    await page.keyboard.press('ArrowLeft');
    expect(await focused.getAttribute('aria-label')).toContain(`default/agent-001 on ${nodeAt(0)}: missing`);
    await expect.poll(() => grid.evaluate((element) => element.scrollLeft + element.scrollTop)).toBe(0);
    await page.keyboard.press('Control+End');
    expect(await focused.getAttribute('aria-label')).toContain(`default/agent-099 on ${nodeAt(NODES - 1)}: `);
  });

  test('finds the few that are not as they should be, and one node', async () => {
    await page.getByLabel('Nodes', { exact: true }).fill('0-4007');
    await page.getByRole('checkbox').check();
    await page.getByText(' × 1 group').waitFor();
    await page.getByLabel('Nodes by').selectOption('every node');
    const cell = page.getByRole('gridcell', { name: `default/agent-005 on ${nodeAt(4007)}: trouble` });
    await cell.waitFor();
    expect([...(await cellStates(page)).values()].every((state) => state !== 'available')).toBe(true);
    await page
      .getByRole('columnheader', { name: nodeAt(4007) })
      .getByRole('link')
      .click();
    await page.getByRole('heading', { name: `Node ${nodeAt(4007)}`, level: 1 }).waitFor();
    const list = page.getByRole('list', { name: 'DaemonSets' }).getByRole('listitem');
    expect(await list.first().innerText()).toContain('default/agent-005 trouble');
  });

  test('a theme that was chosen is kept', async () => {
    const background = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.locator('summary').first().click();
    await page.getByRole('radio', { name: 'dark' }).check();
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.getByRole('grid').waitFor();
    expect(await background()).toBe(dark);
  });

  test('findings are as they are now, also of other kinds and in other words', async () => {
    const finding: Finding = {
      rule: 'latest-tag',
      severity: 'warning',
      subject: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' },
      path: 'spec.template',
      message: 'an image moves',
      fingerprint: 'f',
    };
    const link = page.getByRole('link', { name: /^Findings/ });
    await page.getByRole('grid').waitFor();
    expect(await link.innerText()).toBe('Findings');
    await link.click();
    dashboard.judge([finding]);
    await page.getByText('an image moves').waitFor();
    await link.getByText('Findings (1)').waitFor();
    dashboard.judge([{ ...finding, message: 'two images move' }]);
    await page.getByText('two images move').waitFor();
    expect(await link.innerText()).toBe('Findings (1)');
    await show('#/daemonset/default/agent-050');
    await page.getByText('Not judged yet.').waitFor();
    const { daemonSets, ...rest } = dashboard.board();
    const none = { error: 0, warning: 0, info: 0 };
    dashboard.show({ ...rest, daemonSets: daemonSets.map((row) => ({ ...row, findings: none })) });
    await page.getByText('Nothing was found.').waitFor();
  });

  test.each([
    ['node', 'ip-10-0-0003.eu.compute.internal', '#/node/ip-10-0-0003.eu.compute.internal'],
    ['daemonSet', 'default/agent-050', '#/daemonset/default/agent-050'],
  ])(
    'what is said of a %s is asked for again while nothing changes, by who is seen',
    async (kind, name, hash) => {
      const { page } = await openTab(browser);
      const address = `${PATHS.explain}?${new URLSearchParams({ [kind]: name }).toString()}`;
      /** Of each time that was asked, whether the page was hidden then. */
      const asked: boolean[] = [];
      await page.exposeFunction('onAsked', (of: string, isHidden: boolean) => {
        if (of.endsWith(address)) asked.push(isHidden);
      });
      await page.addInitScript(() => {
        const { fetch: answer, onAsked } = globalThis as unknown as {
          readonly fetch: (of: string, init?: RequestInit) => Promise<Response>;
          readonly onAsked: (of: string, isHidden: boolean) => void;
        };
        Object.assign(globalThis, {
          fetch: (of: string, init?: RequestInit) => {
            onAsked(of, document.hidden);
            return answer(of, init);
          },
        });
      });
      await page.clock.install();
      await page.goto(dashboard.link);
      await page.getByRole('grid').waitFor();
      await page.evaluate((to) => void (location.hash = to), hash);
      await eventually(() => expect(asked).toHaveLength(1));
      // The rest after an answer, and the beat.
      for (const time of [2_000, 10_000]) await page.clock.fastForward(time);
      await eventually(() => expect(asked).toHaveLength(2));
      await setHidden(page, true);
      for (const time of [2_000, 10_000, 10_000]) await page.clock.fastForward(time);
      await setHidden(page, false);
      await eventually(() => expect(asked).toEqual([false, false, false]));
      await page.context().close();
    },
  );

  test('hidden pages leave the connections of the browser to those that are seen', async () => {
    const context = await browser.newContext();
    const pages: Page[] = [];
    const before = dashboard.streams();
    // More than the connections that a browser opens to one server.
    for (let count = 1; count <= 8; count += 1) {
      const page = await context.newPage();
      pages.push(page);
      await page.goto(count === 1 ? dashboard.link : new URL('/', dashboard.link).href);
      await page.getByRole('grid').waitFor();
      await page.evaluate((to) => void (location.hash = to), `#/?explain=default/agent-005@${nodeAt(1007)}`);
      await page.getByRole('dialog').getByText('belongs there').first().waitFor();
      if (count < 8) await setHidden(page, true);
    }
    const first = pages[0]!;
    await eventually(() => expect(dashboard.streams()).toBe(before + 1));
    // What it missed is there when it is seen again, and what it had is not called live before.
    const status = first.getByRole('status', { name: 'Connection' });
    expect(await status.innerText()).toBe('updating');
    const spoken = await first.evaluateHandle(() => {
      const seen: string[] = [];
      const line = document.querySelector('[aria-label="Connection"]')!;
      new MutationObserver(() => seen.push(line.textContent)).observe(line, {
        subtree: true,
        childList: true,
        characterData: true,
      });
      return seen;
    });
    const connection = { ...dashboard.board().connection };
    dashboard.show({ ...dashboard.board(), daemonSets: dashboard.board().daemonSets.slice(1), connection });
    await setHidden(first, false);
    await status.getByText('live').waitFor();
    expect(await spoken.jsonValue()).toEqual(['live']);
    await first.getByText(`${dashboard.board().daemonSets.length} DaemonSets × `).waitFor();
    expect(dashboard.streams()).toBe(before + 2);
    await context.close();
    await eventually(() => expect(dashboard.streams()).toBe(before));
  });

  test('a page that is hidden for a moment keeps its stream', async () => {
    await page.getByRole('grid').waitFor();
    const { board, streams } = dashboard;
    const opened: string[] = [];
    page.on('request', (request) => opened.push(new URL(request.url()).pathname));
    const before = streams();
    await setHidden(page, true);
    await setHidden(page, false);
    dashboard.show({ ...board(), connection: { reachable: false, since: Date.now() } });
    await page.getByText('The cluster does not answer since').waitFor();
    dashboard.show({ ...board(), connection: { reachable: true, since: Date.now() } });
    await page.getByRole('status', { name: 'Connection' }).getByText('live').waitFor();
    expect(streams()).toBe(before);
    expect(opened).not.toContain(PATHS.events);
  });

  test('a link that is pasted over the address of a page signs in, also when nobody answers at first', async () => {
    const { page, faults } = await openTab(browser);
    const paste = (link: string): Promise<void> =>
      page.evaluate((to) => void (location.hash = to), new URL(link).hash);
    const withoutKey = (): Promise<void> =>
      eventually(() => expect(page.url()).toBe(new URL('/#/', dashboard.link).href));
    await page.goto(new URL('/', dashboard.link).href);
    await page.getByLabel('Token of Kubernetes').waitFor();
    await paste(dashboard.link);
    await page.getByRole('grid').waitFor();
    await withoutKey();
    await page.context().clearCookies();
    await paste('http://other/#key=of-another-start');
    await page.getByRole('alert').getByText(/link/).waitFor();
    await withoutKey();
    await page.route(`**${PATHS.session}`, (route) => route.abort());
    await paste(dashboard.link);
    await page.getByText('everynode does not answer. Trying again…').waitFor();
    await withoutKey();
    await page.unroute(`**${PATHS.session}`);
    await page.getByRole('grid').waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('an everynode that goes away is told of, and what it said last stays', async () => {
    await page.getByRole('grid').waitFor();
    await dashboard.stop();
    await page.getByText('everynode does not answer, trying again. This is as it was then.').waitFor();
    expect(await page.getByRole('grid').getByRole('row').count()).toBeGreaterThan(10);
  });
});
