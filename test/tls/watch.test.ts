import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Logger } from '../../src/telemetry/log.ts';
import { type Certificates, loadCertificates } from '../../src/tls/certificates.ts';
import { issueCa, issueServingCertificate } from '../../src/tls/issue.ts';
import { watchCertificates } from '../../src/tls/watch.ts';

let dir: string;
let stop: () => void = () => undefined;
let seen: Certificates[];
let warnings: string[];
let generation = 0;

const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (fields) => warnings.push((fields as { err: Error }).err.message),
  error: () => undefined,
};

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'everynode-watch-'));
  seen = [];
  warnings = [];
});
afterEach(async () => {
  stop();
  await rm(dir, { recursive: true, force: true });
});

async function issued(): Promise<Certificates> {
  const now = Date.now();
  const ca = await issueCa(`ca ${(generation += 1)}`, now);
  const leaf = await issueServingCertificate({
    commonName: 'x',
    dnsNames: ['localhost'],
    ipAddresses: [],
    ca,
    now,
  });
  return { ...leaf, ca: ca.cert };
}

async function put(certificates: Partial<Certificates>, folder = dir): Promise<void> {
  const names = { cert: 'tls.crt', key: 'tls.key', ca: 'ca.crt' } as const;
  for (const part of ['cert', 'key', 'ca'] as const) {
    const content = certificates[part];
    if (content !== undefined) await writeFile(join(folder, names[part]), content);
  }
}

async function watching(
  intervalMs: number,
  onChange = (fresh: Certificates): void => void seen.push(fresh),
): Promise<void> {
  const current = await loadCertificates(dir, Date.now());
  stop = watchCertificates({ dir, current, logger, intervalMs, onChange });
}

const waitFor = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5_000, interval: 20 });

/** Replaces the folder's content as the kubelet does for a mounted Secret: by one rename of a symlink. */
async function mountSecret(certificates: Certificates): Promise<void> {
  const data = `..data-${(generation += 1)}`;
  await mkdir(join(dir, data));
  await put(certificates, join(dir, data));
  await symlink(data, join(dir, '..data_tmp'));
  await rename(join(dir, '..data_tmp'), join(dir, '..data'));
}

describe('watchCertificates', () => {
  it('follows two rotations of a mounted Secret, one after the other', async () => {
    await mountSecret(await issued());
    for (const name of ['tls.crt', 'tls.key', 'ca.crt']) await symlink(join('..data', name), join(dir, name));
    await watching(60_000);
    const [second, third] = [await issued(), await issued()];
    await mountSecret(second);
    await waitFor(() => expect(seen).toEqual([second]));
    await mountSecret(third);
    await waitFor(() => expect(seen).toEqual([second, third]));
  });

  it('finds a change by looking, where the file system reports none', async () => {
    // Only the folder itself is watched: what happens beyond the symlinks is not reported.
    const elsewhere = await mkdtemp(join(tmpdir(), 'everynode-elsewhere-'));
    try {
      await put(await issued(), elsewhere);
      for (const name of ['tls.crt', 'tls.key', 'ca.crt'])
        await symlink(join(elsewhere, name), join(dir, name));
      await watching(50);
      const second = await issued();
      await put(second, elsewhere);
      await waitFor(() => expect(seen).toEqual([second]));
    } finally {
      stop();
      await rm(elsewhere, { recursive: true, force: true });
    }
  });

  it('passes over files that do not belong together until they do, and says so once', async () => {
    await put(await issued());
    await watching(30);
    const second = await issued();
    await put({ cert: second.cert });
    await waitFor(() => expect(warnings).toHaveLength(1));
    await sleep(150);
    expect(warnings).toEqual([expect.stringContaining('tls.key is not the key of tls.crt')]);
    expect(seen).toEqual([]);
    await put(second);
    await waitFor(() => expect(seen).toEqual([second]));
  });

  it('passes over a file that is missing or half-written', async () => {
    await put(await issued());
    await watching(30);
    const second = await issued();
    await rm(join(dir, 'tls.key'));
    await put({ cert: second.cert.slice(0, 300) });
    await waitFor(() => expect(warnings.length).toBeGreaterThan(0));
    expect(seen).toEqual([]);
    await put(second);
    await waitFor(() => expect(seen).toEqual([second]));
  });

  it('does not tell of files that were written again with the same content', async () => {
    const first = await issued();
    await put(first);
    await watching(30);
    await put(first);
    await sleep(400);
    expect(seen).toEqual([]);
  });

  it('tells again when the first telling failed', async () => {
    await put(await issued());
    let failures = 0;
    await watching(30, (fresh) => {
      if (failures++ === 0) throw new Error('not now');
      seen.push(fresh);
    });
    const second = await issued();
    await put(second);
    await waitFor(() => expect(seen).toEqual([second]));
    expect(warnings).toContain('not now');
  });

  it('tells nothing after it was stopped', async () => {
    await put(await issued());
    await watching(30);
    stop();
    await put(await issued());
    await sleep(400);
    expect(seen).toEqual([]);
  });

  it('goes on when the folder is removed and made again', async () => {
    await put(await issued());
    await watching(30);
    await rm(dir, { recursive: true });
    await waitFor(() => expect(warnings.length).toBeGreaterThan(0));
    await mkdir(dir);
    const second = await issued();
    await put(second);
    await waitFor(() => expect(seen).toEqual([second]));
  });
});
