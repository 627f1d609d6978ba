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
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CA_DAYS = 3_650;
/** Under the 398 days after which strict clients refuse a serving certificate. */
const LEAF_DAYS = 365;
/** A serving certificate made now ends this much later, in milliseconds. */
export const LEAF_LIFETIME_MS = LEAF_DAYS * DAY_MS;

/** Makes a self-signed certificate authority, EC P-256. */
export function issueCa(commonName: string, now: number): Promise<KeyPair> {
  return issue(commonName, validity(now, CA_DAYS), {
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
  return issue(options.commonName, validity(options.now, LEAF_DAYS), {
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
    validity(now, LEAF_DAYS),
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
function validity(now: number, days: number): GenerateOptions {
  return { notBeforeDate: new Date(now - HOUR_MS), notAfterDate: new Date(now + days * DAY_MS) };
}
