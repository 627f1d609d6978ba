import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isRunning } from './is-running.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everynode-watchdog-'));
  await writeFile(join(folder, 'data'), '');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const WATCHDOG = new URL('../../src/localcluster/watchdog.ts', import.meta.url).href;

/** A process that launches a shell with a child of its own, prints both ids, and then runs the code. */
async function launchThen(code: string): Promise<{ readonly pids: number[]; readonly kill: () => void }> {
  const source = `
    import { startWatchdog } from ${JSON.stringify(WATCHDOG)};
    const watchdog = startWatchdog(${JSON.stringify(folder)});
    const child = watchdog.launch('sh', ['-c', 'sleep 60 & echo $$ $!; wait'], { env: process.env });
    child.stdout.on('data', (ids) => { process.stdout.write(ids); setTimeout(() => { ${code} }, 20); });
  `;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pids = await new Promise<number[]>((resolve) =>
    parent.stdout.once('data', (ids) => resolve(String(ids).trim().split(' ').map(Number))),
  );
  expect(pids).toHaveLength(2);
  return { pids, kill: () => parent.kill('SIGKILL') };
}

it.each([
  ['is killed', 'setInterval(() => {}, 1000)', true],
  ['exits', 'process.exit(0)', false],
  ['throws', 'throw new Error("unexpected")', false],
])('a parent that %s takes its processes and its folder along', async (_, code, isKilled) => {
  const { pids, kill } = await launchThen(code);
  if (isKilled) {
    expect(pids.map(isRunning)).toEqual([true, true]);
    kill();
  }
  await expect.poll(() => pids.map(isRunning), { timeout: 5_000 }).toEqual([false, false]);
  await expect.poll(() => existsSync(folder), { timeout: 5_000 }).toBe(false);
});

it('once dismissed, it leaves the folder alone', async () => {
  const source = `
    import { startWatchdog } from ${JSON.stringify(WATCHDOG)};
    startWatchdog(${JSON.stringify(folder)}).dismiss();
  `;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'ignore' });
  expect(await new Promise((resolve) => parent.on('exit', resolve))).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(existsSync(join(folder, 'data'))).toBe(true);
});
