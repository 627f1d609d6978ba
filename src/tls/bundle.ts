import { X509Certificate } from 'node:crypto';

/** Authorities stay in a bundle this long after their end, because clocks differ. */
const LINGER_MS = 3_600_000;
/** So many more than are needed are kept; a rotation adds one in the better part of a year. */
const MOST_OTHERS = 16;

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM bundle, in order; empty where there is none. Throws on one that cannot be parsed. */
export function parseBundle(pem: string): readonly X509Certificate[] {
  return (pem.match(PEM_CERTIFICATE) ?? []).map((block) => new X509Certificate(block));
}

/** The certificates of a bundle that can be read; what else is in it is passed over. */
function readable(pem: string): readonly X509Certificate[] {
  return (pem.match(PEM_CERTIFICATE) ?? []).flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });
}

/** The SHA-256 fingerprints of what is in a bundle. */
export function fingerprintsOf(pem: string): ReadonlySet<string> {
  return new Set(readable(pem).map(({ fingerprint256 }) => fingerprint256));
}

export function sameAuthorities(a: string, b: string): boolean {
  const [first, second] = [fingerprintsOf(a), fingerprintsOf(b)];
  return first.size === second.size && [...first].every((fingerprint) => second.has(fingerprint));
}

/**
 * One bundle of PEM: all of `wanted`, and of `others` what has not ended, the latest first. Nothing is left out
 * that a certificate in use could be signed by: so replicas that know different bundles only ever add to what
 * the others wrote, and none takes away what another still needs.
 */
export function unite(wanted: string, others: readonly string[], now: number): string {
  const needed = readable(wanted);
  const rest = others
    .flatMap(readable)
    .filter((certificate) => !hasEnded(certificate, now))
    .toSorted((a, b) => b.validFromDate.getTime() - a.validFromDate.getTime());
  const known = new Set(needed.map(({ fingerprint256 }) => fingerprint256));
  const extra = rest.filter(({ fingerprint256 }) => !known.has(fingerprint256) && known.add(fingerprint256));
  const unique = new Map(needed.map((certificate) => [certificate.fingerprint256, certificate]));
  return [...unique.values(), ...extra.slice(0, MOST_OTHERS)].map(String).join('');
}

/** The bundle without the authorities that have ended; as it was when none has. */
export function withoutEnded(pem: string, now: number): string {
  const all = readable(pem);
  const left = all.filter((certificate) => !hasEnded(certificate, now));
  return left.length === all.length ? pem : left.map(String).join('');
}

/** What a replica wants to be trusted: the authorities of what it is offered, and of what it serves with. */
export function wantedOf(offered: string, serving: string, now: number): string {
  const wanted = unite(offered, [serving], now);
  // Unless nothing is left: no bundle at all would mean those of the machine.
  return withoutEnded(wanted, now) || wanted;
}

function hasEnded({ validToDate }: X509Certificate, now: number): boolean {
  return validToDate.getTime() + LINGER_MS <= now;
}
