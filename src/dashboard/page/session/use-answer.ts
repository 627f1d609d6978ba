import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { afterRefusal, type Answered, type AnsweredAt } from './answered.ts';
import { ask, Refused } from './ask.ts';
import { type Asker, keepAsking } from './keep-asking.ts';

/** What to do when the server says that nobody is signed in any more. */
export const SignedOut = createContext<() => void>(() => undefined);

/** Between two answers to the same question, in milliseconds. */
const REST = 1_000;

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, REST));
}

/**
 * Asks, and asks again whenever the address or `version` becomes another.
 *
 * @param version what the answer hangs on.
 */
export function useAnswer<Answer>(address: string, version: string): Answered<Answer> {
  const [answered, setAnswered] = useState<AnsweredAt<Answer>>({ address });
  const signedOut = useContext(SignedOut);
  const asker = useRef<Asker>(undefined);
  useEffect(() => {
    const askOnce = async (gone: AbortSignal): Promise<void> => {
      try {
        const answer = await ask<Answer>(address, { signal: gone });
        setAnswered({ address, answer });
      } catch (error) {
        if (gone.aborted) return;
        if (error instanceof Refused && error.status === 401) return signedOut();
        setAnswered((last) => afterRefusal(last, address, error));
      }
    };
    const own = keepAsking(askOnce, rest);
    asker.current = own;
    return own.stop;
  }, [address, signedOut]);
  useEffect(() => asker.current?.again(), [address, version, signedOut]);
  return answered.address === address ? answered : {};
}
