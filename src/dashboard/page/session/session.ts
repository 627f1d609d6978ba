import { PATHS, type SessionAnswer, type SignIn } from '../../wire.ts';
import { addressOf, ask, Refused } from './ask.ts';

/** Who is signed in; undefined for nobody. */
export async function currentSession(): Promise<SessionAnswer | undefined> {
  try {
    return await ask<SessionAnswer>(addressOf(PATHS.session));
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return undefined;
    throw error;
  }
}

/** @throws Refused */
export function signIn(by: SignIn): Promise<SessionAnswer> {
  return ask<SessionAnswer>(addressOf(PATHS.session), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(by),
  });
}

/** @throws Refused */
export function signOut(): Promise<void> {
  return ask(addressOf(PATHS.session), { method: 'DELETE' });
}
