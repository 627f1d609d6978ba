import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Logger } from '../../src/telemetry/log.ts';
import { ensureCertificates, loadCertificates } from '../../src/tls/certificates.ts';
import { renewCertificates } from '../../src/tls/renew.ts';

const DAY_MS = 86_400_000;
const NAMES = { dnsNames: ['localhost'], ipAddresses: [] };
const silent = (): void => undefined;

let dir: string;
let errors: string[];
let stop: () => void = silent;
const logger: Logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: (fields) => errors.push((fields as { err: Error }).err.message),
};

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'everynode-renew-'));
  errors = [];
});
afterEach(async () => {
  stop();
  // A write that was under way ends first.
  await sleep(20);
  await rm(dir, { recursive: true, force: true });
});

it('makes a certificate anew that is about to end, and leaves the new one alone', async () => {
  const old = await ensureCertificates({ dir, now: Date.now() - 340 * DAY_MS, ...NAMES });
  stop = renewCertificates({ dir, logger, intervalMs: 5, ...NAMES });
  const fresh = await vi.waitFor(async () => {
    const stored = await readFile(join(dir, 'tls.crt'), 'utf8');
    expect(stored).not.toBe(old.cert);
    return stored;
  });
  await sleep(50);
  expect((await loadCertificates(dir, Date.now())).cert).toBe(fresh);
  expect(errors).toEqual([]);
});

it('tells of what cannot be renewed, and goes on trying until it is stopped', async () => {
  await writeFile(join(dir, 'tls.crt'), 'of somebody else, and broken');
  stop = renewCertificates({ dir, logger, intervalMs: 5, ...NAMES });
  await vi.waitFor(() => expect(errors.length).toBeGreaterThan(1));
  expect(errors[0]).toContain('lacks tls.key and ca.crt');
});
