import { useCallback, useEffect, useState } from 'preact/hooks';
import type { SessionAnswer } from '../wire.ts';
import { Dashboard } from './dashboard.tsx';
import { hashOf, OVERVIEW, signInKey } from './routing/route.ts';
import { Refused } from './session/ask.ts';
import { currentSession, signIn, signOut } from './session/session.ts';
import { SignInForm } from './session/sign-in.tsx';
import { SignedOut } from './session/use-answer.ts';

type Session =
  /** `key`: of the link that led here. */
  | { readonly is: 'asking'; readonly key: string | undefined }
  /** The server did not say; it is asked again. */
  | { readonly is: 'unknown'; readonly why: string; readonly key: string | undefined }
  | { readonly is: 'out'; readonly note: string; readonly refused: string }
  | { readonly is: 'in'; readonly who: SessionAnswer };

const AGAIN = 3_000;

/** Who is signed in decides what there is to see. */
export function App() {
  const [session, setSession] = useState<Session>(() => ({ is: 'asking', key: takeKey() }));
  useEffect(() => {
    if (session.is !== 'asking' && session.is !== 'unknown') return;
    let isAwaited = true;
    const tell = (next: Session): void => {
      if (isAwaited) setSession(next);
    };
    const timer = setTimeout(() => void begin(session.key).then(tell), session.is === 'unknown' ? AGAIN : 0);
    return () => {
      isAwaited = false;
      clearTimeout(timer);
    };
  }, [session]);
  useEffect(() => {
    // A link that is pasted over the address of a page loads nothing.
    const follow = (): void => {
      const key = takeKey();
      if (key !== undefined) setSession({ is: 'asking', key });
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const leave = useCallback((note: string) => setSession({ is: 'out', note, refused: '' }), []);
  const ended = useCallback(() => leave('The session has ended. Sign in again to go on.'), [leave]);
  const out = useCallback(() => {
    signOut().then(
      () => leave('You are signed out.'),
      (error: unknown) =>
        leave(error instanceof Refused ? `You are not signed out: ${error.message}` : String(error)),
    );
  }, [leave]);

  switch (session.is) {
    case 'asking':
      return (
        <main class="empty">
          <h1>everynode</h1>
          <p>Asking…</p>
        </main>
      );
    case 'unknown':
      return (
        <main class="empty">
          <h1>everynode</h1>
          <p role="alert">{session.why} Trying again…</p>
        </main>
      );
    case 'out':
      return (
        <SignInForm
          note={session.note}
          refused={session.refused}
          onSignedIn={(who) => setSession({ is: 'in', who })}
        />
      );
    case 'in':
      return (
        <SignedOut.Provider value={ended}>
          <Dashboard who={session.who} onSignOut={out} onSignedOut={ended} />
        </SignedOut.Provider>
      );
  }
}

/** The key in the address, which is without it from then on: it is soon copied, and kept in the history. */
function takeKey(): string | undefined {
  const key = signInKey(location.hash);
  if (key !== undefined) history.replaceState(null, '', hashOf(OVERVIEW));
  return key;
}

/** Signs in by the link that led here, or finds out who is signed in already. */
async function begin(key: string | undefined): Promise<Session> {
  try {
    const who = key === undefined ? await currentSession() : await signIn({ key });
    return who ? { is: 'in', who } : { is: 'out', note: '', refused: '' };
  } catch (error) {
    const why = error instanceof Refused ? error.message : String(error);
    const isOfKey = key !== undefined && error instanceof Refused && !error.isOfServer;
    return isOfKey ? { is: 'out', note: '', refused: why } : { is: 'unknown', why, key };
  }
}
