import { createPrivateKey, randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseBundle } from './bundle.ts';
import { issueCa, issueServingCertificate, type KeyPair, LEAF_LIFETIME_MS } from './issue.ts';
import { type Certificates, faultOf, faultOfNames, missingNames, type Names } from './verify.ts';

export type { Certificates } from './verify.ts';

/** The certificate files cannot be used. The message says which, why, and what to do. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

/**
 * Who calls. Browsers trust authorities of their own, so `ca.crt` may be absent, and whom a certificate of somebody
 * else is made out for is theirs to judge.
 */
export type Clients = 'api-server' | 'browsers';

/** By which people choose the folder. */
const FLAGS: Readonly<Record<Clients, string>> = {
  'api-server': '--cert-dir',
  browsers: '--dashboard-cert-dir',
};

export type EnsureOptions = Names & {
  readonly dir: string;
  /** Default: the API server. */
  readonly clients?: Clients;
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/** Remade this long before the end. */
const RENEW_BEFORE_MS = 30 * 24 * 3_600_000;

/**
 * Loads `tls.crt`, `tls.key` and `ca.crt` from the folder. Where there is none, or ours runs out within 30 days
 * or lacks a name, makes them, and a certificate authority (`ca.key`) if there is none or it would end before
 * what it signs; then `ca.crt` holds the old one too, so that both are trusted until all have changed. Without
 * `ca.key` the files are somebody else's and are used as they are.
 *
 * @throws CertificateError
 */
export async function ensureCertificates(options: EnsureOptions): Promise<Certificates> {
  const { dir, now, clients = 'api-server' } = options;
  const stored = await readAll(dir, clients);
  if (stored['tls.crt'] !== undefined && stored['ca.key'] === undefined) return useForeign(stored, options);
  const certificates = complete(stored);
  if (certificates && isUsable(certificates, options)) return certificates;
  const kept = usableCa(stored, now);
  // Named by its time: clients that trust two authorities at once find the right one by name.
  const ca = kept ?? (await issueCa(`everynode CA ${now}`, now));
  const leaf = await issueServingCertificate({ ...options, commonName: 'everynode-webhook', ca });
  const bundle = kept ? (stored['ca.crt'] ?? kept.cert) : ca.cert + outgoingCa(stored, now);
  const files = { 'ca.crt': bundle, 'ca.key': ca.key, 'tls.key': leaf.key, 'tls.crt': leaf.cert };
  await writeAll(dir, files, clients);
  return { ...leaf, ca: bundle };
}

/**
 * Loads the files of the folder as they are.
 *
 * @throws CertificateError when one is missing or unreadable, they do not belong together, or the API server
 * would refuse them now.
 */
export async function loadCertificates(
  dir: string,
  now: number,
  clients: Clients = 'api-server',
): Promise<Certificates> {
  return loadFrom(await readAll(dir, clients), dir, now);
}

type FileName = 'tls.crt' | 'tls.key' | 'ca.crt' | 'ca.key';
type Files = { readonly [name in FileName]?: string };

function loadFrom(stored: Files, dir: string, now: number): Certificates {
  const certificates = complete(stored);
  if (!certificates) {
    const missing = (['tls.crt', 'tls.key', 'ca.crt'] as const).filter((name) => stored[name] === undefined);
    throw new CertificateError(
      `${dir} lacks ${missing.join(' and ')}; put tls.crt, tls.key and ca.crt there, or choose an empty folder ` +
        'to have them made',
    );
  }
  const fault = faultOf(certificates, now);
  if (fault === undefined) return certificates;
  throw new CertificateError(
    `${dir}: ${fault}; renew tls.crt, tls.key and ca.crt from the same source, or choose an empty folder to ` +
      'have them made',
  );
}

/** A certificate that has none of the names can never be right; one that lacks some may sit behind others. */
function useForeign(stored: Files, options: EnsureOptions): Certificates {
  const certificates = loadFrom(stored, options.dir, options.now);
  const fault = options.clients === 'browsers' ? undefined : faultOfNames(certificates.cert, options);
  if (fault === undefined) return certificates;
  throw new CertificateError(
    `${options.dir}: ${fault}; renew it with one of them as a subject alternative name`,
  );
}

async function readAll(dir: string, clients: Clients): Promise<Files> {
  const names: readonly FileName[] = ['tls.crt', 'tls.key', 'ca.crt', 'ca.key'];
  const files: { [name in FileName]?: string } = {};
  for (const name of names) {
    try {
      files[name] = await readFile(join(dir, name), 'utf8');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') continue;
      throw new CertificateError(
        `${join(dir, name)} cannot be read (${code}); check its owner and mode, or choose another ${FLAGS[clients]}`,
        { cause: error },
      );
    }
  }
  // A certificate may stand for itself, which is all that is left to be checked here.
  const own = clients === 'browsers' ? files['tls.crt'] : undefined;
  return { ...(own !== undefined && { 'ca.crt': own }), ...files };
}

function complete(files: Files): Certificates | undefined {
  const { 'tls.crt': cert, 'tls.key': key, 'ca.crt': ca } = files;
  return cert === undefined || key === undefined || ca === undefined ? undefined : { cert, key, ca };
}

function isUsable(certificates: Certificates, options: EnsureOptions): boolean {
  return (
    faultOf(certificates, options.now + RENEW_BEFORE_MS) === undefined &&
    missingNames(certificates.cert, options).length === 0
  );
}

/** The first of the bundle is the one that signs. It must outlive what it signs. */
function usableCa({ 'ca.crt': bundle, 'ca.key': key }: Files, now: number): KeyPair | undefined {
  if (bundle === undefined || key === undefined) return undefined;
  try {
    const [ca] = parseBundle(bundle);
    if (!ca?.ca || !ca.checkPrivateKey(createPrivateKey(key))) return undefined;
    return ca.validToDate.getTime() > now + LEAF_LIFETIME_MS ? { cert: ca.toString(), key } : undefined;
  } catch {
    return undefined;
  }
}

/** The authority that still stands behind certificates in use, as PEM to append; empty where there is none. */
function outgoingCa({ 'ca.crt': bundle }: Files, now: number): string {
  try {
    const [old] = parseBundle(bundle ?? '');
    return old?.ca && old.validToDate.getTime() > now ? old.toString() : '';
  } catch {
    return '';
  }
}

/** Each file appears whole; keys are for their owner alone. */
async function writeAll(
  dir: string,
  files: Readonly<Record<FileName, string>>,
  clients: Clients,
): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    for (const [name, content] of Object.entries(files)) await writeWhole(dir, name, content);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CertificateError(
      `certificates cannot be written to ${dir} (${code}); give ${FLAGS[clients]} a folder that is writable, or one ` +
        'with the files in it',
      { cause: error },
    );
  }
}

async function writeWhole(dir: string, name: string, content: string): Promise<void> {
  const mode = name.endsWith('.key') ? 0o600 : 0o644;
  const part = join(dir, `.${name}.${randomUUID()}`);
  try {
    const file = await open(part, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    // The umask may have taken more away than is meant.
    await chmod(part, mode);
    await rename(part, join(dir, name));
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
