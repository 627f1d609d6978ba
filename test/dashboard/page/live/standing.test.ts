import { describe, expect, it } from 'vitest';
import { standingOf } from '../../../../src/dashboard/page/live/standing.ts';
import { board } from '../board.ts';

const time = (moment: number): string => `T${moment}`;

describe('what is shown', () => {
  it('is live while everynode and the cluster answer', () => {
    expect(standingOf({ board: board(), heard: true }, time)).toMatchObject({ short: 'live', sentence: '' });
  });

  it('is on its way at first', () => {
    expect(standingOf({}, time)).toMatchObject({ tone: 'busy', sentence: '' });
  });

  it('is not called live before everynode is heard again, and that is no alarm', () => {
    expect(standingOf({ board: board(), heard: undefined }, time)).toEqual({
      tone: 'busy',
      short: 'updating',
      sentence: '',
    });
  });

  it('is old while everynode does not answer, and nothing where it never did', () => {
    expect(standingOf({ board: board(), heard: false }, time).sentence).toBe(
      'everynode does not answer, trying again. This is as it was then.',
    );
    expect(standingOf({ heard: false }, time).sentence).toBe('everynode does not answer, trying again.');
  });

  it('is old while the cluster does not answer', () => {
    const away = board({ connection: { reachable: false, since: 7 } });
    expect(standingOf({ board: away, heard: true }, time).sentence).toBe(
      'The cluster does not answer since T7: this is as it was then.',
    );
  });
});
