import { Refused } from './ask.ts';

export type Answered<Answer> = {
  /** The last one; it stays while the next is on its way. */
  readonly answer?: Answer;
  /** Why there is no newer one. */
  readonly error?: string;
};

export type AnsweredAt<Answer> = Answered<Answer> & { readonly address: string };

/** What is known after a refusal: the last answer goes on, but for one about what is gone. */
export function afterRefusal<Answer>(
  last: AnsweredAt<Answer>,
  address: string,
  error: unknown,
): AnsweredAt<Answer> {
  const isGone = error instanceof Refused && error.status === 404;
  const kept = last.address === address && !isGone ? last : { address };
  return { ...kept, error: error instanceof Error ? error.message : String(error) };
}
