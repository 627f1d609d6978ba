import { expect, it } from 'vitest';
import { ServerClock } from '../../src/kube/server-clock.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { FakeClient, refusal } from '../syncloop/fake-client.ts';

const HOUR = 3_600_000;

async function measured(aheadMs: number): Promise<{ offMs: number; said: readonly string[] }> {
  const logger = recordingLogger();
  const stamp = new Date(Date.now() + aheadMs).toISOString();
  const client = new FakeClient().answer('create SelfSubjectReview', {
    metadata: { creationTimestamp: stamp },
  });
  const clock = new ServerClock(client, logger);
  await clock.measure();
  await clock.measure();
  const said = logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
  return { offMs: clock.now() - Date.now(), said };
}

it.each([0, HOUR, -2 * HOUR])('goes by the time that the API server stamps: %i ms', async (aheadMs) => {
  const { offMs } = await measured(aheadMs);
  expect(Math.abs(offMs - aheadMs)).toBeLessThan(60_000);
});

it('says once that this machine’s clock is wrong, and which way', async () => {
  expect((await measured(HOUR)).said).toEqual([
    expect.stringMatching(/^the clock of this machine is (?:59|60) min behind the API server's/),
  ]);
  expect((await measured(-HOUR)).said).toEqual([expect.stringContaining('ahead of the API server')]);
  expect((await measured(60_000)).said).toEqual([]);
});

it.each([
  ['refuses', refusal(403, 'Forbidden')],
  ['gives no time', { metadata: { creationTimestamp: null } }],
])('goes by this machine’s own where the API server %s', async (_, answer) => {
  const clock = new ServerClock(
    new FakeClient().answer('create SelfSubjectReview', answer),
    recordingLogger(),
  );
  await clock.measure();
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
});
