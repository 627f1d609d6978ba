import { useCallback, useEffect, useState } from 'preact/hooks';
import type { SessionAnswer } from '../wire.ts';
import { Dashboard } from './dashboard.tsx';
import { hashOf, OVERVIEW, signInKey } from './routing/route.ts';
import { Refused } from './session/ask.ts';
import { currentSession, signIn, signOut } from './session/session.ts';
import { SignInForm } from './session/sign-in.tsx';
import { SignedOut } from './session/use-answer.ts';

type Session =
  | { readonly is: 'asking' }
  /** The server did not say; it is asked again. */
  | { readonly is: 'unknown'; readonly why: string; readonly times: number }
  | { readonly is: 'out'; readonly note: string; readonly refused: string }
  | { readonly is: 'in'; readonly who: SessionAnswer };

const AGAIN = 3_000;

/** Who is signed in decides what there is to see. */
export function App() {
  const [session, setSession] = useState<Session>({ is: 'asking' });
  const times = session.is === 'unknown' ? session.times : 0;
  useEffect(() => {
    const timer = setTimeout(() => void begin(times).then(setSession), times === 0 ? 0 : AGAIN);
    return () => clearTimeout(timer);
  }, [times]);
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

/** Signs in by the link that led here, or finds out who is signed in already. */
async function begin(times: number): Promise<Session> {
  const key = signInKey(location.hash);
  // At once: an address is soon copied, and kept in the history.
  if (key !== undefined) history.replaceState(null, '', hashOf(OVERVIEW));
  try {
    if (key !== undefined) return { is: 'in', who: await signIn({ key }) };
  } catch (error) {
    return { is: 'out', note: '', refused: error instanceof Refused ? error.message : String(error) };
  }
  try {
    const who = await currentSession();
    return who ? { is: 'in', who } : { is: 'out', note: '', refused: '' };
  } catch (error) {
    const why = error instanceof Refused ? error.message : String(error);
    return { is: 'unknown', why, times: times + 1 };
  }
}
