import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Component, type ComponentOptions } from '../../src/localcluster/component.ts';
import { LocalClusterError, PortTakenError } from '../../src/localcluster/errors.ts';
import { startWatchdog, type Watchdog } from '../../src/localcluster/watchdog.ts';

let folder: string;
let watchdog: Watchdog;
let deaths: LocalClusterError[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everynode-component-'));
  watchdog = startWatchdog(undefined);
  deaths = [];
});

afterEach(async () => {
  watchdog.dismiss();
  await rm(folder, { recursive: true });
});

/** Ready as soon as its script has written to the log. */
async function component(script: string, options: Partial<ComponentOptions> = {}): Promise<Component> {
  const binary = join(folder, 'program');
  const logPath = join(folder, 'program.log');
  await writeFile(binary, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return new Component({
    name: 'program',
    binary,
    args: ['one', 'two'],
    env: process.env,
    logPath,
    watchdog,
    probe: async () => {
      if (!(await readFile(logPath, 'utf8')).includes('up')) throw new Error('not up');
    },
    onDeath: (error) => deaths.push(error),
    ended: new AbortController().signal,
    ...options,
  });
}

const LASTING = 'echo "up with $*"; exec sleep 60';

describe('start', () => {
  it('waits until the program is ready', async () => {
    const program = await component(`sleep 0.2; ${LASTING}`);
    await program.start();
    expect(program.pid).toBeGreaterThan(0);
    expect(await readFile(program.logPath, 'utf8')).toBe('up with one two\n');
    await program.stop('SIGKILL');
    expect(program.pid).toBeUndefined();
    expect(deaths).toEqual([]);
  });

  it('fails at once with the end of the log when the program dies', async () => {
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`).join('\\n');
    const program = await component(`printf '${lines}\\n' >&2; exit 1`);
    const end = Array.from({ length: 20 }, (_, index) => `    line ${index + 11}`).join('\n');
    const failing = program.start();
    await expect(failing).rejects.toBeInstanceOf(LocalClusterError);
    await expect(failing).rejects.toHaveProperty(
      'message',
      `program died while starting. The end of its log:\n${end}`,
    );
    expect(deaths).toEqual([]);
  });

  it('tells a taken port apart, for another one can be tried', async () => {
    const program = await component('echo "listen tcp 127.0.0.1:1: bind: address already in use"; exit 1');
    await expect(program.start()).rejects.toBeInstanceOf(PortTakenError);
  });

  it('fails for a program that is not there', async () => {
    const program = await component('', { binary: join(folder, 'missing') });
    await expect(program.start()).rejects.toThrow(/died while starting.*missing/s);
  });

  it('refuses a second process', async () => {
    const program = await component(LASTING);
    await program.start();
    await expect(program.start()).rejects.toThrow('program runs already; stop it first, or restart it');
    await program.stop('SIGKILL');
  });

  it('refuses when the cluster has ended', async () => {
    const program = await component(LASTING, { ended: AbortSignal.abort() });
    await expect(program.start()).rejects.toThrow('program was stopped while it was starting');
    expect(program.pid).toBeUndefined();
  });

  it('is ended by stop', async () => {
    const program = await component('exec sleep 60');
    const starting = expect(program.start()).rejects.toThrow('program was stopped while it was starting');
    await program.stop('SIGKILL');
    await starting;
  });
});

it('a death that nobody asked for is told, with the end of the log', async () => {
  const program = await component(LASTING);
  await program.start();
  process.kill(program.pid!, 'SIGKILL');
  await expect
    .poll(() => deaths.map(String))
    .toEqual(['LocalClusterError: program died. The end of its log:\n    up with one two']);
  await program.start();
  await program.stop('SIGKILL');
});

it('new arguments stay for later starts', async () => {
  const program = await component(LASTING);
  const log = (): Promise<string> => readFile(program.logPath, 'utf8');
  await program.start();
  await program.restart(['three']);
  await expect.poll(log).toBe('up with one two\nup with three\n');
  await program.restart();
  await expect.poll(log).toBe('up with one two\nup with three\nup with three\n');
  await program.stop('SIGKILL');
});
