import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyPair } from './issue.ts';

/** A serving certificate with its key, and the authorities that clients trust. All PEM. */
export type Certificates = KeyPair & { readonly ca: string };

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM bundle, in order; empty where there is none. Throws on one that cannot be parsed. */
export function parseBundle(pem: string): readonly X509Certificate[] {
  return (pem.match(PEM_CERTIFICATE) ?? []).map((block) => new X509Certificate(block));
}

/**
 * Why the API server would refuse these certificates at this time: the first reason found, as a sentence with
 * the files' usual names; undefined when it would not.
 */
export function faultOf({ cert, key, ca }: Certificates, now: number): string | undefined {
  try {
    const [leaf, ...intermediates] = parseBundle(cert);
    const authorities = parseBundle(ca);
    if (!leaf) return 'tls.crt holds no PEM certificate';
    if (authorities.length === 0) return 'ca.crt holds no PEM certificate';
    if (!leaf.checkPrivateKey(createPrivateKey(key))) return 'tls.key is not the key of tls.crt';
    return faultOfLeaf(leaf, now) ?? faultOfChain(leaf, intermediates, authorities);
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

/** Follows the issuers through the intermediate certificates to one of the authorities. */
function faultOfChain(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): string | undefined {
  let current = leaf;
  const left = new Set(intermediates);
  while (!authorities.some((authority) => issued(authority, current) || same(authority, current))) {
    const issuer = [...left].find((candidate) => issued(candidate, current));
    if (!issuer) return 'tls.crt is not signed by an authority in ca.crt';
    left.delete(issuer);
    current = issuer;
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
