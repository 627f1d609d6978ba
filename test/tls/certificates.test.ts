import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Certificates, ensureCertificates, loadCertificates } from '../../src/tls/certificates.ts';
import { issueCa, issueServingCertificate } from '../../src/tls/issue.ts';

const DAY_MS = 86_400_000;
const NOW = Date.now();
const NAMES = { dnsNames: ['everynode.kube-system.svc', 'localhost'], ipAddresses: ['127.0.0.1', '::1'] };

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'everynode-tls-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function ensure(overrides: Partial<Parameters<typeof ensureCertificates>[0]> = {}): Promise<Certificates> {
  return ensureCertificates({ dir, now: NOW, ...NAMES, ...overrides });
}

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content);
}

async function foreign(
  names: { dnsNames?: string[]; ipAddresses?: string[] } = {},
  now = NOW,
): Promise<Certificates> {
  const ca = await issueCa('somebody else', now);
  const leaf = await issueServingCertificate({
    commonName: 'webhook',
    dnsNames: names.dnsNames ?? ['localhost'],
    ipAddresses: names.ipAddresses ?? [],
    ca,
    now,
  });
  return { ...leaf, ca: ca.cert };
}

const putForeign = ({ cert, key, ca }: Certificates): Promise<void> =>
  put({ 'tls.crt': cert, 'tls.key': key, 'ca.crt': ca });

/** What a client that trusts `ca` alone and asks for `host` gets from a server with these certificates. */
async function handshake({ cert, key }: Certificates, ca: string, host: string): Promise<number | undefined> {
  const server = createServer({ cert, key, minVersion: 'TLSv1.2' }, (_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, ca, servername: host, agent: false } as const;
      request(options, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
  } finally {
    server.close();
  }
}

describe('ensureCertificates in an empty folder', () => {
  it('makes an EC P-256 certificate that is signed with SHA-256 and made out for every name', async () => {
    const { cert, ca } = await ensure();
    const leaf = new X509Certificate(cert);
    const authority = new X509Certificate(ca);
    for (const certificate of [leaf, authority]) {
      expect(certificate.signatureAlgorithm).toBe('ecdsa-with-SHA256');
      expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
      expect(certificate.validFromDate.getTime()).toBeLessThanOrEqual(NOW - 3_599_000);
    }
    expect(leaf.subjectAltName?.split(', ')).toEqual([
      'DNS:everynode.kube-system.svc',
      'DNS:localhost',
      'IP Address:127.0.0.1',
      'IP Address:0:0:0:0:0:0:0:1',
    ]);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect([leaf.ca, authority.ca]).toEqual([false, true]);
    expect(leaf.checkIssued(authority) && leaf.verify(authority.publicKey)).toBe(true);
    expect(leaf.validToDate.getTime() - NOW).toBeGreaterThan(364 * DAY_MS);
    expect(authority.validToDate.getTime()).toBeGreaterThan(leaf.validToDate.getTime());
  });

  it('serves a TLS client that trusts the authority and nothing else, under each name', async () => {
    const certificates = await ensure();
    expect(await handshake(certificates, certificates.ca, 'everynode.kube-system.svc')).toBe(200);
    expect(await handshake(certificates, certificates.ca, 'localhost')).toBe(200);
    await expect(handshake(certificates, certificates.ca, 'elsewhere')).rejects.toThrow(/altnames/);
    const { ca } = await foreign();
    await expect(handshake(certificates, ca, 'localhost')).rejects.toThrow(/unable to verify|self-signed/);
  });

  it('writes whole files under the names of a TLS Secret, keys for their owner alone', async () => {
    const certificates = await ensure({ dir: join(dir, 'a', 'b') });
    const at = join(dir, 'a', 'b');
    expect((await readdir(at)).toSorted()).toEqual(['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
    const mode = async (name: string): Promise<number> => (await stat(join(at, name))).mode & 0o777;
    expect(await Promise.all(['tls.key', 'ca.key', 'tls.crt', 'ca.crt'].map(mode))).toEqual([
      0o600, 0o600, 0o644, 0o644,
    ]);
    expect(await readFile(join(at, 'tls.crt'), 'utf8')).toBe(certificates.cert);
    expect(await readFile(join(at, 'ca.crt'), 'utf8')).toBe(certificates.ca);
  });
});

describe('ensureCertificates in a folder of its own', () => {
  it('takes what is there as long as it is good', async () => {
    const first = await ensure();
    expect(await ensure()).toEqual(first);
    expect(await ensure({ dnsNames: ['localhost'] })).toEqual(first);
    expect(await ensure({ now: NOW + 300 * DAY_MS })).toEqual(first);
  });

  const remade: Record<string, (files: Certificates) => Promise<Parameters<typeof ensure>[0]>> = {
    'a name is missing': async () => ({ dnsNames: ['another.kube-system.svc'] }),
    'an address is missing': async () => ({ ipAddresses: ['10.0.0.1'] }),
    'it ends within 30 days': async () => ({ now: NOW + 340 * DAY_MS }),
    'it has ended': async () => ({ now: NOW + 400 * DAY_MS }),
    'the key is of another certificate': async () => {
      await put({ 'tls.key': (await foreign()).key });
      return {};
    },
    'another authority signed it': async () => {
      const { cert, key } = await foreign(NAMES);
      await put({ 'tls.crt': cert, 'tls.key': key });
      return {};
    },
    'a file is cut short': async ({ cert }) => {
      await put({ 'tls.crt': cert.slice(0, 200) });
      return {};
    },
    'a file is missing': async () => {
      await rm(join(dir, 'tls.key'));
      return {};
    },
  };

  it.each(Object.entries(remade))(
    'remakes the certificate, by the same authority, when %s',
    async (_, spoil) => {
      const first = await ensure();
      const overrides = await spoil(first);
      const second = await ensure(overrides);
      expect(second.ca).toBe(first.ca);
      expect(second.cert).not.toBe(first.cert);
      expect(await ensure(overrides)).toEqual(second);
      const leaf = new X509Certificate(second.cert);
      expect(leaf.verify(new X509Certificate(second.ca).publicKey)).toBe(true);
    },
  );

  it('makes a new authority before the old one ends, and lets both be trusted', async () => {
    const first = await ensure();
    const later = NOW + 3_300 * DAY_MS;
    const second = await ensure({ now: later });
    expect(second.ca.endsWith(first.ca)).toBe(true);
    expect(second.ca.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(await ensure({ now: later })).toEqual(second);
    // The next leaf is still signed by the new one, and drops nobody.
    const third = await ensure({ now: later + 340 * DAY_MS });
    expect(third.ca).toBe(second.ca);
    // Clients that hold the bundle accept servers of before and after.
    expect(await handshake(first, second.ca, 'localhost')).toBe(200);
  });

  it('makes all anew when the key of the authority is not its own, and trusts the old one no longer than it lasts', async () => {
    await ensure();
    await put({ 'ca.key': (await foreign()).key });
    const second = await ensure({ now: NOW + 4_000 * DAY_MS });
    expect(second.ca.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
  });
});

describe('certificates of somebody else', () => {
  it('are used as they are, and never written to', async () => {
    const theirs = await foreign();
    await putForeign(theirs);
    expect(await ensure()).toEqual(theirs);
    expect(await loadCertificates(dir, NOW)).toEqual(theirs);
    expect((await readdir(dir)).toSorted()).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
  });

  it('may come with the intermediate certificates that lead to the authority', async () => {
    const root = await issueCa('root', NOW);
    const { generate } = await import('selfsigned');
    const middle = await generate([{ name: 'commonName', value: 'middle' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      ca: root,
      extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
    });
    const issuer = { cert: middle.cert, key: middle.private };
    const leaf = await issueServingCertificate({ commonName: 'x', ...NAMES, ca: issuer, now: NOW });
    const ca = root.cert;
    await putForeign({ cert: `${leaf.cert}\n${middle.cert}`, key: leaf.key, ca });
    await expect(ensure()).resolves.toMatchObject({ key: leaf.key });
    await putForeign({ ...leaf, ca });
    await expect(ensure()).rejects.toThrow('not signed by an authority in ca.crt');
  });

  const refused: Record<string, [spoil: (theirs: Certificates) => Promise<void>, said: RegExp]> = {
    'the key is of another certificate': [
      async () => put({ 'tls.key': (await foreign()).key }),
      /tls\.key is not the key of tls\.crt; renew/,
    ],
    'the authority is another': [
      async () => put({ 'ca.crt': (await foreign()).ca }),
      /tls\.crt is not signed by an authority in ca\.crt; renew/,
    ],
    'the certificate has expired': [
      async () => putForeign(await foreign({}, NOW - 400 * DAY_MS)),
      /tls\.crt expired at \d{4}-/,
    ],
    'the certificate is not valid yet': [
      async () => putForeign(await foreign({}, NOW + 2 * DAY_MS)),
      /tls\.crt is valid only from/,
    ],
    'a file is no PEM': [async () => put({ 'tls.crt': 'hello' }), /tls\.crt holds no PEM certificate/],
    'the key cannot be read': [async () => put({ 'tls.key': 'hello' }), /not PEM that can be read/],
    'the authority is missing': [async () => rm(join(dir, 'ca.crt')), /lacks ca\.crt; put tls\.crt/],
    'the key and the authority are missing': [
      async () => Promise.all([rm(join(dir, 'ca.crt')), rm(join(dir, 'tls.key'))]).then(() => undefined),
      /lacks tls\.key and ca\.crt/,
    ],
    'it is made out for none of the names': [
      async () => putForeign(await foreign({ dnsNames: ['elsewhere'] })),
      /made out for none of everynode\.kube-system\.svc, localhost, 127\.0\.0\.1, ::1/,
    ],
    'it was signed with SHA-1': [
      async () => {
        const { generate } = await import('selfsigned');
        const made = await generate([{ name: 'commonName', value: 'localhost' }], {
          keyType: 'ec',
          notBeforeDate: new Date(NOW - DAY_MS),
        });
        await putForeign({ cert: made.cert, key: made.private, ca: made.cert });
      },
      /signed with ecdsa-with-SHA1, which the API server refuses/,
    ],
  };

  it.each(Object.entries(refused))('are refused with a sentence when %s', async (_, [spoil, said]) => {
    await putForeign(await foreign());
    await spoil(await loadCertificates(dir, NOW));
    await expect(ensure()).rejects.toThrow(said);
    await expect(ensure()).rejects.toMatchObject({ name: 'CertificateError' });
  });
});

describe('a folder that cannot be used', () => {
  it('is named when a file in it cannot be read', async () => {
    await writeFile(join(dir, 'not-a-folder'), '');
    await expect(ensure({ dir: join(dir, 'not-a-folder') })).rejects.toThrow(
      /tls\.crt cannot be read \(ENOTDIR\)/,
    );
  });

  it('is named when nothing can be written to it', async () => {
    const nowhere = join(dir, 'nowhere');
    await symlink(join(dir, 'gone', 'gone'), nowhere);
    await expect(ensure({ dir: nowhere })).rejects.toThrow(
      /cannot be written to .*nowhere \(E[A-Z]+\); give --cert-dir a folder/,
    );
  });
});
