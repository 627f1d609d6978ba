const PART = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
/** A DNS subdomain (RFC 1123), as the prefix of a label and the name of a Node are; its length aside. */
export const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LONGEST_PART = 63;
const LONGEST_SUBDOMAIN = 253;

/** Whether it can be a label's key: `app`, `app.kubernetes.io/name`. Source: upstream `IsQualifiedName`. */
export function isLabelKey(text: string): boolean {
  const parts = text.split('/');
  if (parts.length > 2) return false;
  const name = parts.at(-1) ?? '';
  const [prefix] = parts.length === 2 ? parts : [];
  return isPart(name) && (prefix === undefined || isSubdomain(prefix));
}

/** Whether it can be a label's value; the empty one can. Source: upstream `IsValidLabelValue`. */
export function isLabelValue(text: string): boolean {
  return text === '' || isPart(text);
}

/** Source: upstream `IsDNS1123Subdomain`. */
export function isSubdomain(text: string): boolean {
  return text.length <= LONGEST_SUBDOMAIN && SUBDOMAIN.test(text);
}

function isPart(text: string): boolean {
  return text.length <= LONGEST_PART && PART.test(text);
}
