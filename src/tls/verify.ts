import { createPrivateKey, X509Certificate } from 'node:crypto';
import { parseBundle } from './bundle.ts';
import type { KeyPair } from './issue.ts';

/** A serving certificate with its key, and the authorities that clients trust. All PEM. */
export type Certificates = KeyPair & { readonly ca: string };

/**
 * Why the API server would refuse these certificates at this time: the first reason found, as a sentence with
 * the files' usual names; undefined when it would not.
 */
export function faultOf({ cert, key, ca }: Certificates, now: number): string | undefined {
  try {
    const [leaf] = parseBundle(cert);
    if (!leaf) return 'tls.crt holds no PEM certificate';
    if (parseBundle(ca).length === 0) return 'ca.crt holds no PEM certificate';
    if (!leaf.checkPrivateKey(createPrivateKey(key))) return 'tls.key is not the key of tls.crt';
    const fault = faultOfLeaf(leaf, now);
    if (fault !== undefined || anchorOf({ cert, ca })) return fault;
    return 'tls.crt is not signed by an authority in ca.crt';
  } catch (error) {
    return `a file is not PEM that can be read (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** Those of the names and addresses that the certificate is not made out for. */
export function missingNames(cert: string, names: Names): readonly string[] {
  const leaf = new X509Certificate(cert);
  // Clients look at the alternative names only, never at the subject.
  const hasName = (name: string): boolean => leaf.checkHost(name, { subject: 'never' }) !== undefined;
  return [
    ...names.dnsNames.filter((name) => !hasName(name)),
    ...names.ipAddresses.filter((address) => leaf.checkIP(address) === undefined),
  ];
}

/** Why nobody can call a server by these names; undefined when one will do: the others may lead elsewhere. */
export function faultOfNames(cert: string, names: Names): string | undefined {
  const all = [...names.dnsNames, ...names.ipAddresses];
  if (all.length === 0 || missingNames(cert, names).length < all.length) return undefined;
  return `tls.crt is made out for none of ${all.join(', ')}, by which the API server calls the webhook`;
}

/** The names and addresses that the certificate is made out for. */
export function namesOf(cert: string): Names {
  const altNames = (new X509Certificate(cert).subjectAltName ?? '').split(', ');
  const after = (prefix: string): readonly string[] =>
    altNames.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return { dnsNames: after('DNS:'), ipAddresses: after('IP Address:') };
}

/** The names of both, each once. */
export function allNames(a: Names, b: Names): Names {
  return {
    dnsNames: [...new Set([...a.dnsNames, ...b.dnsNames])],
    ipAddresses: [...new Set([...a.ipAddresses, ...b.ipAddresses])],
  };
}

export type Names = { readonly dnsNames: readonly string[]; readonly ipAddresses: readonly string[] };

function faultOfLeaf(leaf: X509Certificate, now: number): string | undefined {
  if (leaf.validToDate.getTime() <= now) return `tls.crt expired at ${leaf.validToDate.toISOString()}`;
  if (leaf.validFromDate.getTime() > now) {
    return `tls.crt is valid only from ${leaf.validFromDate.toISOString()}`;
  }
  if (leaf.subjectAltName === undefined) {
    return 'tls.crt has no subject alternative name, and the API server looks at nothing else';
  }
  // Absent before Node 24.9.
  const algorithm: string | undefined = leaf.signatureAlgorithm;
  if (algorithm !== undefined && /sha1\b|sha1with|md5/i.test(algorithm)) {
    return `tls.crt is signed with ${algorithm}, which the API server refuses; use SHA-256`;
  }
  return undefined;
}

/**
 * The authority of the bundle that the certificate goes back to, through the intermediate certificates that come
 * with it; undefined when it goes back to none. Throws on what is no PEM.
 */
export function anchorOf({ cert, ca }: Pick<Certificates, 'cert' | 'ca'>): X509Certificate | undefined {
  const [leaf, ...intermediates] = parseBundle(cert);
  const authorities = parseBundle(ca);
  const left = new Set(intermediates);
  for (let current = leaf; current; ) {
    const subject = current;
    const anchor = authorities.find((authority) => issued(authority, subject) || same(authority, subject));
    if (anchor) return anchor;
    current = [...left].find((candidate) => issued(candidate, subject));
    if (current) left.delete(current);
  }
  return undefined;
}

function issued(issuer: X509Certificate, subject: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}

/** A self-signed serving certificate may be its own authority. */
function same(a: X509Certificate, b: X509Certificate): boolean {
  return a.fingerprint256 === b.fingerprint256;
}
