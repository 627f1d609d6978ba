import { X509Certificate } from 'node:crypto';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import { type Hook, hooksOf } from './hook.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Time enough to find out whose certificate it is. */
const SOON_DAYS = 30;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Whether the API server can still verify each webhook. `now` in milliseconds since the epoch. */
export function checkCaBundles({ configurations }: Evidence, now: number): readonly Finding[] {
  return hooksOf(configurations).flatMap((hook) => checkBundle(hook, now));
}

function checkBundle(hook: Hook, now: number): readonly Finding[] {
  const { clientConfig = {}, failsClosed } = hook;
  const { caBundle = '', service } = clientConfig;
  const object = { kind: hook.kind, name: hook.configuration };
  const path = `${hook.path}.clientConfig.caBundle`;
  const broken = failsClosed
    ? 'every request that it covers is refused'
    : 'it is passed over, at the price of a failed call each time';
  const found = (check: string, isNow: boolean, explanation: string, remedy: string): readonly Finding[] => [
    { severity: isNow && failsClosed ? 'error' : 'warning', check, object, path, explanation, remedy },
  ];
  if (caBundle === '') {
    // The roots of the API server's machine vouch for URLs, never for the name of a Service.
    if (!service) return [];
    return found(
      'ca-bundle-missing',
      true,
      `the webhook ${hook.name} has no caBundle, so the API server cannot trust Service ${hook.backend}: ${broken}`,
      'let its operator or cert-manager (annotation cert-manager.io/inject-ca-from) write the caBundle',
    );
  }
  const ends = expiries(caBundle);
  if (ends === undefined) {
    return found(
      'ca-bundle-unreadable',
      true,
      `the caBundle of the webhook ${hook.name} holds no certificate that can be read: ${broken}`,
      'put the PEM of the CA there, as base64',
    );
  }
  const end = Math.max(...ends);
  const renew =
    'renew the CA, or restart the operator that keeps it; both old and new may stand in the bundle';
  if (end <= now) {
    return found(
      'ca-bundle-expired',
      true,
      `the CA of the webhook ${hook.name} expired on ${dateOf(end)}: ${broken}`,
      renew,
    );
  }
  const days = Math.floor((end - now) / DAY_MS);
  if (days >= SOON_DAYS) return [];
  return found(
    'ca-bundle-expires',
    false,
    `the CA of the webhook ${hook.name} expires on ${dateOf(end)}, in ${days} days`,
    renew,
  );
}

/** When each certificate of a bundle expires, milliseconds since the epoch; undefined where one cannot be read. */
function expiries(caBundle: string): readonly number[] | undefined {
  const blocks = Buffer.from(caBundle, 'base64').toString('utf8').match(CERTIFICATE);
  try {
    return blocks?.map((block) => Date.parse(new X509Certificate(block).validTo));
  } catch {
    return undefined;
  }
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
