import type { Feed } from './feed.ts';

/** How much what is shown can be trusted. */
export type Standing = {
  readonly tone: 'good' | 'busy' | 'bad';
  /** In a word or two. */
  readonly short: string;
  /** The whole story; empty while all is well. */
  readonly sentence: string;
};

/** @param time how a moment, in milliseconds since the epoch, is written. */
export function standingOf({ board, heard }: Feed, time: (moment: number) => string): Standing {
  if (heard === false) {
    const old = board ? ' This is as it was then.' : '';
    return {
      tone: 'bad',
      short: 'no answer',
      sentence: `everynode does not answer, trying again.${old}`,
    };
  }
  if (!board) return { tone: 'busy', short: 'connecting', sentence: '' };
  // Of before the page was hidden.
  if (heard === undefined) return { tone: 'busy', short: 'updating', sentence: '' };
  const { reachable, since } = board.connection;
  if (reachable) return { tone: 'good', short: 'live', sentence: '' };
  return {
    tone: 'bad',
    short: 'cluster away',
    sentence: `The cluster does not answer since ${time(since)}: this is as it was then.`,
  };
}
