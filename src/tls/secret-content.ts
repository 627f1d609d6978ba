import { SECRETS } from '../api/kinds.ts';
import type { ObjectKey, ObjectMeta } from '../api/meta.ts';
import type { StoredCertificates } from './rotation.ts';

/** A Secret as the API server sends it; `data` is base64. */
export type Secret = {
  readonly metadata: ObjectMeta;
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
};

/** Set on what we write, for the day its content cannot be read. Labels are the business of whoever made the Secret. */
const MARK = { 'everynode.dev/certificates': 'made-by-everynode' };
const LABELS = {
  'app.kubernetes.io/name': 'everynode',
  'app.kubernetes.io/managed-by': 'everynode',
  'app.kubernetes.io/component': 'webhook',
  'app.kubernetes.io/part-of': 'everynode',
};

export function contentOf({ metadata, data = {} }: Secret): StoredCertificates {
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString('utf8');
  const next = { cert: text('next.crt'), key: text('next.key') };
  return {
    isMarked: Object.entries(MARK).every(([name, value]) => metadata.annotations?.[name] === value),
    cert: text('tls.crt'),
    key: text('tls.key'),
    ca: text('ca.crt'),
    ...(next.cert !== '' && next.key !== '' && { next }),
  };
}

/** The Secret to be created. */
export function newSecret(
  { namespace, name }: ObjectKey,
  content: Omit<StoredCertificates, 'isMarked'>,
): object {
  return {
    apiVersion: SECRETS.apiVersion,
    kind: SECRETS.kind,
    metadata: { namespace, name, labels: LABELS, annotations: MARK },
    type: 'kubernetes.io/tls',
    data: encoded(content),
  };
}

/** The Secret with other certificates; what others wrote beside them stays. */
export function withContent(secret: Secret, content: Omit<StoredCertificates, 'isMarked'>): object {
  const { 'next.crt': _crt, 'next.key': _key, ...others } = secret.data ?? {};
  const { managedFields: _, ...metadata } = secret.metadata as ObjectMeta & { managedFields?: unknown };
  return {
    ...secret,
    apiVersion: SECRETS.apiVersion,
    kind: SECRETS.kind,
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...MARK } },
    data: { ...others, ...encoded(content) },
  };
}

function encoded({ cert, key, ca, next }: Omit<StoredCertificates, 'isMarked'>): Record<string, string> {
  return {
    'tls.crt': base64(cert),
    'tls.key': base64(key),
    'ca.crt': base64(ca),
    ...(next && { 'next.crt': base64(next.cert), 'next.key': base64(next.key) }),
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
