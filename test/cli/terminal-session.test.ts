import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeApiServer } from '../fakes/api-server.ts';
import { playCluster } from '../fakes/played-cluster.ts';
import { kubeconfigFor, readObjects } from '../golden/session.ts';
import { hasPseudoTerminal, PseudoTerminal, type TerminalOptions } from './pseudo-terminal.ts';

const run = promisify(execFile);
const ESCAPE = '\u001B[';
const FAULTY = ['lint', '-f', 'test/golden/manifests/faulty'];

describe.runIf(hasPseudoTerminal)('a terminal session', { timeout: 60_000 }, () => {
  let server: FakeApiServer;
  let folder: string;
  let audit: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'everynode-pty-'));
    server = await playCluster({ objects: readObjects('cluster.yaml') });
    await writeFile(join(folder, 'config'), kubeconfigFor(server.url));
    audit = ['audit', `--kubeconfig=${join(folder, 'config')}`];
  });

  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** What is there when the program has ended. */
  async function session(
    args: readonly string[],
    options?: TerminalOptions,
  ): Promise<{ code: number | null; output: string; lines: readonly string[] }> {
    const terminal = PseudoTerminal.everynode(args, options);
    const code = await terminal.exited;
    return { code, output: terminal.output, lines: await terminal.lines() };
  }

  /** The same in a pipe. */
  async function piped(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    try {
      const { stdout, stderr } = await run(process.execPath, ['src/main.ts', ...args]);
      return { code: 0, stdout, stderr };
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
  }

  it.each([
    ['rules', ['rules', 'selector-overlap'], 0],
    ['lint', FAULTY, 1],
  ])('%s has colours, and says the same without them in a pipe', async (_, args, code) => {
    const seen = await session(args, { columns: 1000 });
    const plain = await piped(args);
    expect([seen.code, plain.code]).toEqual([code, code]);
    expect(seen.output).toContain(ESCAPE);
    expect(plain.stdout).not.toContain(ESCAPE);
    expect(plain.stderr).toBe('');
    expect(seen.lines).toEqual(plain.stdout.trimEnd().split('\n'));
  });

  it.each([
    ['NO_COLOR', { NO_COLOR: '1' }],
    ['a dumb terminal', { TERM: 'dumb' }],
  ])('%s: no colours', async (_, env) => {
    const { output, code } = await session(FAULTY, { env });
    expect(code).toBe(1);
    expect(output).not.toContain(ESCAPE);
  });

  it('audit shows how far it is, and wipes that off again', async () => {
    const seen = await session(audit, { columns: 1000 });
    expect(seen.code).toBe(1);
    expect(seen.output).toContain(`\r${ESCAPE}Kreading daemonsets`);
    const plain = await piped(audit);
    expect(plain.stderr).toBe('');
    expect(seen.lines).toEqual(plain.stdout.trimEnd().split('\n'));
    expect(seen.lines.join('\n')).not.toContain('reading');
  });

  it('NO_COLOR does not take the progress away', async () => {
    const { output } = await session(audit, { env: { NO_COLOR: '1' } });
    expect(output).toContain(`\r${ESCAPE}Kreading daemonsets`);
    expect(output).not.toContain(`${ESCAPE}3`);
  });

  it('progress keeps to one line', async () => {
    const columns = 12;
    const { output } = await session(audit, { columns });
    const shown = output.split(`\r${ESCAPE}K`).filter((text) => text.startsWith('reading '));
    expect(shown.length).toBeGreaterThan(0);
    for (const text of shown) expect(text.length).toBeLessThan(columns);
  });

  it('Ctrl-C ends what waits for an answer at once, with 130', async () => {
    const silent = await FakeApiServer.start();
    const config = join(folder, 'silent');
    await writeFile(config, kubeconfigFor(silent.url));
    const terminal = PseudoTerminal.everynode(['audit', `--kubeconfig=${config}`]);
    await silent.next();
    terminal.type('\u0003');
    expect(await terminal.exited).toBe(130);
    expect(terminal.hidesCursor).toBe(false);
    await silent.close();
  });

  it.each([60, 100])('the help is as wide as the terminal: %d columns', async (columns) => {
    const { lines, output } = await session(['explain', '--help'], { columns, rows: 50 });
    const [, options = ''] = lines.join('\n').split('\nOptions:\n');
    const widths = options
      .split('\n\n')[0]!
      .split('\n')
      .map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
    expect(Math.max(...widths)).toBeGreaterThan(columns - 15);
    expect(stripVTControlCharacters(output)).toBe(output);
  });
});
