import { expect, it } from 'vitest';
import { afterRefusal } from '../../../../src/dashboard/page/session/answered.ts';
import { Refused } from '../../../../src/dashboard/page/session/ask.ts';

const last = { address: '/a', answer: 'a pod belongs there' };

it('keeps the last answer while there is no newer one', () => {
  expect(afterRefusal(last, '/a', new Refused(503, 'Later.'))).toEqual({ ...last, error: 'Later.' });
});

it('drops it when what it was about is gone, and when it was about something else', () => {
  expect(afterRefusal(last, '/a', new Refused(404, 'No such node.'))).toEqual({
    address: '/a',
    error: 'No such node.',
  });
  expect(afterRefusal(last, '/b', 'broken')).toEqual({ address: '/b', error: 'broken' });
});
