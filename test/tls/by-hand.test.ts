import { execFileSync, spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ensureCertificates } from '../../src/tls/certificates.ts';
import { faultOf, missingNames } from '../../src/tls/verify.ts';

const CERTS = join(import.meta.dirname, '../../certs');
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

it.skipIf(!hasOpenssl)('the commands of certs/README.md make certificates that can be used', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'everynode-by-hand-'));
  try {
    const [, commands = ''] =
      /```sh\n([^`]+)```/.exec(await readFile(join(CERTS, 'README.md'), 'utf8')) ?? [];
    await copyFile(join(CERTS, 'openssl.cnf'), join(dir, 'openssl.cnf'));
    execFileSync('sh', ['-ec', commands.replace('everynode-system.svc', 'elsewhere.svc')], {
      cwd: dir,
      stdio: 'pipe',
    });
    // The authority's key is kept elsewhere.
    await rm(join(dir, 'ca.key'));
    const names = { dnsNames: ['everynode-webhook.elsewhere.svc'], ipAddresses: [] };
    const certificates = await ensureCertificates({ dir, ...names, now: Date.now() });
    expect(faultOf(certificates, Date.now())).toBeUndefined();
    expect(missingNames(certificates.cert, names)).toEqual([]);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
