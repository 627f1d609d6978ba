import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Where Debian has it. */
const CHROMIUM = '/usr/bin/chromium';

/** Whether this machine has a browser to test with; others skip such tests. */
export const canBrowse = existsSync(CHROMIUM);
if (!canBrowse) {
  process.stderr.write(
    `no tests in a browser: there is no ${CHROMIUM} (on Debian: apt-get install chromium)\n`,
  );
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

/** A page, and what went wrong in it so far: faults of scripts, and whatever its policy had to stop. */
export type Tab = { readonly page: Page; readonly faults: readonly string[] };

export type TabOptions = {
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
};

/** A tab of a browser that nobody has signed in with. */
export async function openTab(browser: Browser, options: TabOptions = {}): Promise<Tab> {
  const { theme = 'light', width = 1280, height = 800 } = options;
  const context = await browser.newContext({ colorScheme: theme, viewport: { width, height } });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    // Answers over 399 and streams that break are what some tests are about.
    const isOfNetwork = message.location().url.includes('/api/');
    if (message.type() === 'error' && !isOfNetwork) faults.push(message.text());
  });
  page.on('dialog', (dialog) => {
    faults.push(`a script said ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, faults };
}

/** What axe finds wrong with what is shown; in dark, whose elements are the same, with its colours. */
export async function accessibilityFaults(page: Page, theme: 'light' | 'dark'): Promise<readonly string[]> {
  // Transitions of colours would be judged halfway.
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (options) => (globalThis as unknown as { axe: typeof axe }).axe.run(document, options),
    theme === 'dark' ? { runOnly: ['color-contrast'] } : {},
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html}: ${failureSummary}`),
  );
}

/** What each cell of the matrix says, such as `available`, by `namespace/name on node`. */
export async function cellStates(page: Page): Promise<ReadonlyMap<string, string>> {
  const labels = await page
    .getByRole('gridcell')
    .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('aria-label') ?? ''));
  return new Map(
    labels.map((label) => {
      const [, cell = '', state = ''] = /^(.+?): (\w+):/.exec(label) ?? [];
      return [cell, state];
    }),
  );
}

/** As if another tab were before it, or none any more: without windows no page is ever hidden by itself. */
export function setHidden(page: Page, isHidden: boolean): Promise<void> {
  return page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);
}
