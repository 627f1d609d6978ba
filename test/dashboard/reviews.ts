/** What the API server says of a token that is theirs. */
export function reviewOf(username: string): object {
  return { status: { authenticated: true, user: { username, uid: `uid-${username}`, groups: ['people'] } } };
}

/** What it says of a token that is nobody's, has ended, or is meant for others. */
export const NOBODY = { status: { authenticated: false, error: 'token is not for this audience' } };

export const ALLOWED = { status: { allowed: true } };
export const DENIED = { status: { allowed: false, reason: 'no RBAC policy matched' } };
