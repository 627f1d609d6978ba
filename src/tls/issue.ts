import type * as Selfsigned from 'selfsigned';

/** A certificate and its private key, PEM. */
export type KeyPair = { readonly cert: string; readonly key: string };

export type LeafOptions = {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly ca: KeyPair;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** In milliseconds. */
  readonly lifetimeMs?: number;
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CA_LIFETIME_MS = 3_650 * DAY_MS;
/** Of a serving certificate. Under the 398 days after which strict clients refuse one. */
export const LEAF_LIFETIME_MS = 365 * DAY_MS;

/** Makes a self-signed certificate authority, EC P-256. */
export function issueCa(commonName: string, now: number, lifetimeMs = CA_LIFETIME_MS): Promise<KeyPair> {
  return issue(commonName, validity(now, lifetimeMs), {
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  });
}

/** Makes a serving certificate for the names and addresses, signed by the authority. */
export function issueServingCertificate(options: LeafOptions): Promise<KeyPair> {
  const altNames = [
    ...options.dnsNames.map((value) => ({ type: 2 as const, value })),
    ...options.ipAddresses.map((ip) => ({ type: 7 as const, ip })),
  ];
  return issue(options.commonName, validity(options.now, options.lifetimeMs ?? LEAF_LIFETIME_MS), {
    ca: options.ca,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ],
  });
}

export type ClientOptions = Pick<LeafOptions, 'commonName' | 'ca' | 'now'> & {
  /** The group that Kubernetes takes the client to be in. */
  readonly organization: string;
};

/** Makes a client certificate for the user and the group that Kubernetes reads from it. */
export function issueClientCertificate({
  commonName,
  organization,
  ca,
  now,
}: ClientOptions): Promise<KeyPair> {
  return issue(
    commonName,
    validity(now, LEAF_LIFETIME_MS),
    {
      ca,
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, critical: true },
        { name: 'extKeyUsage', clientAuth: true },
      ],
    },
    organization,
  );
}

type GenerateOptions = NonNullable<Parameters<typeof Selfsigned.generate>[1]>;

async function issue(
  commonName: string,
  times: GenerateOptions,
  options: GenerateOptions,
  organization?: string,
): Promise<KeyPair> {
  // Loaded here: it costs 120 ms and 22 MiB, and most processes never make a certificate.
  const { generate } = await import('selfsigned');
  // Without `algorithm` it signs with SHA-1, which Go refuses.
  const fixed = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
  const subject = [
    { name: 'commonName', value: commonName },
    ...(organization === undefined ? [] : [{ name: 'organizationName', value: organization }]),
  ];
  const made = await generate(subject, {
    ...fixed,
    ...times,
    ...options,
  });
  // It leaves out the last line break, and PEM files are joined into bundles.
  return { cert: `${made.cert.trimEnd()}\n`, key: made.private };
}

/** From an hour ago, because clocks differ. */
function validity(now: number, lifetimeMs: number): GenerateOptions {
  return { notBeforeDate: new Date(now - HOUR_MS), notAfterDate: new Date(now + lifetimeMs) };
}
