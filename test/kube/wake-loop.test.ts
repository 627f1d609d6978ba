import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WakeLoop } from '../../src/kube/wake-loop.ts';

let end: AbortController;
beforeEach(() => {
  end = new AbortController();
});
afterEach(() => end.abort());

it('acts at once, and again each time it is woken', async () => {
  let acts = 0;
  const loop = new WakeLoop({ act: async () => ((acts += 1), Infinity), onFailure: () => undefined });
  const running = loop.run(end.signal);
  await vi.waitFor(() => expect(acts).toBe(1));
  loop.wake();
  await vi.waitFor(() => expect(acts).toBe(2));
  end.abort();
  await running;
  expect(acts).toBe(2);
});

it('acts again when the time has come that it was told', async () => {
  let acts = 0;
  const loop = new WakeLoop({
    act: async () => ((acts += 1) < 3 ? 1 : Infinity),
    onFailure: () => undefined,
  });
  void loop.run(end.signal);
  // The timer alone keeps no process alive.
  await vi.waitFor(() => expect(acts).toBe(3));
});

it('acts once more when it is woken while it acts, and never twice at a time', async () => {
  let [acts, atOnce, most] = [0, 0, 0];
  const gate = Promise.withResolvers<void>();
  const loop = new WakeLoop({
    act: async () => {
      most = Math.max(most, (atOnce += 1));
      if ((acts += 1) === 1) await gate.promise;
      atOnce -= 1;
      return Infinity;
    },
    onFailure: () => undefined,
  });
  void loop.run(end.signal);
  for (let times = 0; times < 3; times += 1) loop.wake();
  gate.resolve();
  await vi.waitFor(() => expect(acts).toBe(2));
  expect(most).toBe(1);
});

it('tries again what failed, and tells of it', async () => {
  const failures: unknown[] = [];
  let acts = 0;
  const loop = new WakeLoop({
    act: async () => {
      if ((acts += 1) === 1) throw new Error('not now');
      return Infinity;
    },
    onFailure: (error) => failures.push(error),
  });
  void loop.run(end.signal);
  await vi.waitFor(() => expect(acts).toBe(2), { timeout: 5_000 });
  expect(failures).toEqual([new Error('not now')]);
});
