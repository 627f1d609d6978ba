import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { ask, Refused } from './ask.ts';

/** What to do when the server says that nobody is signed in any more. */
export const SignedOut = createContext<() => void>(() => undefined);

export type Answered<Answer> = {
  /** The last one; it stays while the next is on its way. */
  readonly answer?: Answer;
  /** Why there is no newer one. */
  readonly error?: string;
};

/**
 * Asks, and asks again whenever the address or `version` becomes another.
 *
 * @param version what the answer hangs on.
 */
export function useAnswer<Answer>(address: string, version: unknown): Answered<Answer> {
  const [answered, setAnswered] = useState<Answered<Answer> & { readonly address: string }>({ address });
  const signedOut = useContext(SignedOut);
  useEffect(() => {
    const gone = new AbortController();
    ask<Answer>(address, { signal: gone.signal }).then(
      (answer) => setAnswered({ address, answer }),
      (error: unknown) => {
        if (gone.signal.aborted) return;
        if (error instanceof Refused && error.status === 401) return signedOut();
        const reason = error instanceof Error ? error.message : String(error);
        setAnswered((last) => ({ ...(last.address === address ? last : { address }), error: reason }));
      },
    );
    return () => gone.abort();
  }, [address, version, signedOut]);
  return answered.address === address ? answered : {};
}
