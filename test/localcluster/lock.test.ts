import { existsSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tryLock, waitForLock } from '../../src/localcluster/lock.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everynode-lock-'));
  path = join(folder, 'etcd.lock');
});

afterEach(() => rm(folder, { recursive: true }));

it('one holder at a time, until it is released', async () => {
  const release = await tryLock(path);
  expect(await tryLock(path)).toBeUndefined();
  await release?.();
  expect(existsSync(path)).toBe(false);
  const next = await tryLock(path);
  expect(next).toBeDefined();
  await next?.();
});

it('of many at once, one gets it', async () => {
  const releases = (await Promise.all(Array.from({ length: 20 }, () => tryLock(path)))).filter(Boolean);
  expect(releases).toHaveLength(1);
  await releases[0]?.();
});

it('a holder that was killed loses it', async () => {
  await writeFile(path, '');
  expect(await tryLock(path)).toBeUndefined();
  const longAgo = new Date(Date.now() - 11_000);
  await utimes(path, longAgo, longAgo);
  const release = await tryLock(path);
  expect(release).toBeDefined();
  await release?.();
});

it('waiting ends with the release', async () => {
  const release = await tryLock(path);
  const waiting = waitForLock(path);
  await release?.();
  await (await waiting)();
  expect(existsSync(path)).toBe(false);
});

it('waiting ends with the signal', async () => {
  const release = await tryLock(path);
  const controller = new AbortController();
  const waiting = waitForLock(path, controller.signal);
  controller.abort();
  await expect(waiting).rejects.toThrow('aborted');
  await release?.();
});
