import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { issueCa, issueServingCertificate, type KeyPair } from './issue.ts';

/** A serving certificate with its key, and the authority that clients trust. All PEM. */
export type Certificates = KeyPair & { readonly ca: string };

/** The certificate files cannot be used. The message says which, why, and what to do. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

export type EnsureOptions = {
  readonly dir: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/** Remade this long before the end. */
const RENEW_BEFORE_MS = 30 * 24 * 3_600_000;

/**
 * Loads `tls.crt`, `tls.key` and `ca.crt` from the folder. Where there is none, or ours runs out soon or lacks a
 * name, makes them, and a certificate authority (`ca.key`) if that is missing too. Without `ca.key` the files are
 * somebody else's and are used as they are.
 *
 * @throws CertificateError
 */
export async function ensureCertificates(options: EnsureOptions): Promise<Certificates> {
  const { dir, now } = options;
  const stored = await readAll(dir);
  if (stored['tls.crt'] !== undefined && stored['ca.key'] === undefined) return loadCertificates(dir);
  const certificates = complete(stored);
  if (certificates && isUsable(certificates, options)) return certificates;
  const ca = usableCa(stored, now) ?? (await issueCa('everynode', now));
  const leaf = await issueServingCertificate({ ...options, commonName: 'everynode-webhook', ca });
  await writeAll(dir, { 'ca.crt': ca.cert, 'ca.key': ca.key, 'tls.crt': leaf.cert, 'tls.key': leaf.key });
  return { ...leaf, ca: ca.cert };
}

/**
 * Loads the files of the folder as they are.
 *
 * @throws CertificateError when one is missing or unreadable, or certificate and key do not belong together.
 */
export async function loadCertificates(dir: string): Promise<Certificates> {
  const stored = await readAll(dir);
  for (const name of ['tls.crt', 'tls.key', 'ca.crt'] as const) {
    if (stored[name] === undefined) {
      throw new CertificateError(
        `${join(dir, name)} is missing; put tls.crt, tls.key and ca.crt there, or choose an empty folder to have them made`,
      );
    }
  }
  const certificates = complete(stored);
  if (!certificates) {
    throw new CertificateError(
      `${dir}: tls.crt and tls.key are no PEM files that belong together; renew both from the same source`,
    );
  }
  return certificates;
}

type FileName = 'tls.crt' | 'tls.key' | 'ca.crt' | 'ca.key';
type Files = { readonly [name in FileName]?: string };

async function readAll(dir: string): Promise<Files> {
  const names: readonly FileName[] = ['tls.crt', 'tls.key', 'ca.crt', 'ca.key'];
  const files: { [name in FileName]?: string } = {};
  for (const name of names) {
    try {
      files[name] = await readFile(join(dir, name), 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') continue;
      throw new CertificateError(`${join(dir, name)} cannot be read (${code}); check its owner and mode`, {
        cause: error,
      });
    }
  }
  return files;
}

/** Undefined unless all three are there and the key is the certificate's. */
function complete(files: Files): Certificates | undefined {
  const { 'tls.crt': cert, 'tls.key': key, 'ca.crt': ca } = files;
  if (cert === undefined || key === undefined || ca === undefined) return undefined;
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)) ? { cert, key, ca } : undefined;
  } catch {
    return undefined;
  }
}

function isUsable({ cert, ca }: Certificates, { dnsNames, ipAddresses, now }: EnsureOptions): boolean {
  const leaf = new X509Certificate(cert);
  try {
    return (
      leaf.validToDate.getTime() - now > RENEW_BEFORE_MS &&
      leaf.verify(new X509Certificate(ca).publicKey) &&
      dnsNames.every((name) => leaf.checkHost(name) !== undefined) &&
      ipAddresses.every((address) => leaf.checkIP(address) !== undefined)
    );
  } catch {
    return false;
  }
}

function usableCa({ 'ca.crt': cert, 'ca.key': key }: Files, now: number): KeyPair | undefined {
  if (cert === undefined || key === undefined) return undefined;
  try {
    const ca = new X509Certificate(cert);
    const fits = ca.checkPrivateKey(createPrivateKey(key));
    return fits && ca.validToDate.getTime() - now > RENEW_BEFORE_MS ? { cert, key } : undefined;
  } catch {
    return undefined;
  }
}

/** Each file appears whole; keys are for their owner alone. */
async function writeAll(dir: string, files: Readonly<Record<FileName, string>>): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    for (const [name, content] of Object.entries(files)) {
      const part = join(dir, `.${name}.${process.pid}`);
      await writeFile(part, content, { mode: name.endsWith('.key') ? 0o600 : 0o644 });
      await rename(part, join(dir, name));
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CertificateError(
      `certificates cannot be written to ${dir} (${code}); give --cert-dir a folder that is writable, or one with the files in it`,
      { cause: error },
    );
  }
}
