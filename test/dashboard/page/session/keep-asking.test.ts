import { describe, expect, it } from 'vitest';
import { keepAsking } from '../../../../src/dashboard/page/session/keep-asking.ts';

/** Questions and rests that end when the test says so. */
function asking() {
  const steps: { readonly is: 'question' | 'rest'; readonly end: () => void }[] = [];
  const step = (is: 'question' | 'rest') => (): Promise<void> =>
    new Promise((resolve) => steps.push({ is, end: resolve }));
  const asker = keepAsking(step('question'), step('rest'));
  return {
    asker,
    seen: () => steps.map(({ is }) => is),
    endLast: async () => {
      steps.at(-1)?.end();
      await new Promise(setImmediate);
    },
  };
}

describe('a question that is asked again', () => {
  it('is asked once where nothing changes', async () => {
    const { asker, seen, endLast } = asking();
    asker.again();
    for (let each = 0; each < 3; each += 1) await endLast();
    expect(seen()).toEqual(['question', 'rest']);
  });

  it('waits for its answer and a rest, however much changes meanwhile', async () => {
    const { asker, seen, endLast } = asking();
    asker.again();
    asker.again();
    asker.again();
    expect(seen()).toEqual(['question']);
    await endLast();
    asker.again();
    expect(seen()).toEqual(['question', 'rest']);
    await endLast();
    expect(seen()).toEqual(['question', 'rest', 'question']);
    await endLast();
    await endLast();
    expect(seen()).toEqual(['question', 'rest', 'question', 'rest']);
  });

  it('is asked at once after a rest in which nothing changed', async () => {
    const { asker, seen, endLast } = asking();
    asker.again();
    await endLast();
    await endLast();
    asker.again();
    expect(seen()).toEqual(['question', 'rest', 'question']);
  });

  it('is asked no more once it is stopped', async () => {
    const { asker, seen, endLast } = asking();
    asker.again();
    asker.again();
    asker.stop();
    await endLast();
    await endLast();
    asker.again();
    expect(seen()).toEqual(['question', 'rest']);
  });
});
