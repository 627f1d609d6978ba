import { readField } from '../admission/untrusted.ts';
import type { Suppression } from './finding.ts';

/** Annotation on an object, followed by a rule's id: why a finding of that rule is accepted. */
export const IGNORE_PREFIX = 'everynode.dev/ignore.';

/** What an annotation says; a suppression that does not hold says why. */
export type Accepted =
  | { readonly holds: true; readonly suppression: Suppression }
  | { readonly holds: false; readonly why: string };

const UNTIL = /^until=(\d{4}-\d{2}-\d{2})(?:\s+|$)/;
/** Left in the reason it is a last day that was meant, and not read: the finding would be accepted for ever. */
const UNREAD_UNTIL = /\buntil\s*[=:]/i;

/**
 * Reads `everynode.dev/ignore.<rule>: [until=YYYY-MM-DD] <reason>`. Without a reason, or after its last day (UTC),
 * it does not hold. Undefined where there is none.
 *
 * @param now milliseconds since the epoch.
 */
export function acceptedBy(object: unknown, rule: string, now: number): Accepted | undefined {
  const text = readField(object, 'metadata', 'annotations', IGNORE_PREFIX + rule);
  if (typeof text !== 'string') return undefined;
  const [prefix = '', until] = UNTIL.exec(text.trim()) ?? [];
  const reason = text.trim().slice(prefix.length).trim();
  if (reason === '') return { holds: false, why: 'gives no reason' };
  if (UNREAD_UNTIL.test(reason)) {
    return {
      holds: false,
      why: 'has a last day that cannot be read; begin with until=YYYY-MM-DD and a space',
    };
  }
  if (until === undefined) return { holds: true, suppression: { reason } };
  const end = Date.parse(`${until}T23:59:59.999Z`);
  if (!isDay(until, end)) return { holds: false, why: `names the day ${until}, which does not exist` };
  return now <= end
    ? { holds: true, suppression: { reason, until } }
    : { holds: false, why: `ended on ${until}` };
}

/** Date.parse takes the 30th of February for the 2nd of March. */
function isDay(day: string, end: number): boolean {
  return !Number.isNaN(end) && new Date(end).toISOString().startsWith(day);
}
