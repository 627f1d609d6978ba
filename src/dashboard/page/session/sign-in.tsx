import { useRef, useState } from 'preact/hooks';
import type { SessionAnswer } from '../../wire.ts';
import { Refused } from './ask.ts';
import { signIn } from './session.ts';

type Props = {
  /** Why one is here, such as that the session has ended. */
  readonly note: string;
  /** What was wrong with the link that led here. */
  readonly refused: string;
  readonly onSignedIn: (who: SessionAnswer) => void;
};

export function SignInForm({ note, refused, onSignedIn }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const [error, setError] = useState(refused);
  const [isAsking, setAsking] = useState(false);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const token = field.current?.value.trim() ?? '';
    if (token === '') {
      setError('Paste a token first.');
      field.current?.focus();
      return;
    }
    setAsking(true);
    setError('');
    try {
      onSignedIn(await signIn({ token }));
    } catch (reason) {
      setError(reason instanceof Refused ? reason.message : String(reason));
      setAsking(false);
      field.current?.focus();
    }
  };

  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1>
          <img src="icon.svg" alt="" width="28" height="28" />
          everynode
        </h1>
        {note !== '' && <p role="status">{note}</p>}
        <label for="token">Token of Kubernetes</label>
        <input
          id="token"
          ref={field}
          type="password"
          autocomplete="off"
          spellcheck={false}
          aria-required="true"
          aria-describedby="token-help"
          aria-invalid={error !== ''}
        />
        <p id="token-help" class="help">
          Of anybody who may list DaemonSets. For a ServiceAccount, this prints one:
          <code>kubectl create token NAME -n NAMESPACE</code>
        </p>
        <div role="alert" class="alert">
          {error}
        </div>
        <button type="submit" class="primary" disabled={isAsking}>
          {isAsking ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
