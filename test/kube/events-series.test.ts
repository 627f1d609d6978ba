import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Exchange } from '../fakes/api-server.ts';
import type { Occurrence } from '../../src/kube/events.ts';
import { passInSteps, restoreTime, settle, stopTime, until } from '../fakes/clock.ts';
import {
  COLLECTION,
  minutes,
  nameOf,
  occurrence,
  type Recording,
  recording,
  taken,
  written,
} from './events-harness.ts';

beforeAll(stopTime);
afterAll(restoreTime);

const SECOND_MS = 1_000;

/** A recorder that has written one Event. */
async function withEvent(): Promise<Recording & { readonly route: string }> {
  const events = await recording();
  events.record(occurrence());
  await until(() => events.created().length === 1);
  return { ...events, route: `PATCH ${COLLECTION}/${nameOf(events.created()[0]!)}` };
}

const counts = ({ patched }: Recording): readonly unknown[] =>
  patched().map(({ json }) => (json as { series: { count: number } }).series.count);

describe('the same, seen again', () => {
  it('raises the count of the Event that is there, with the time when it was seen last', async () => {
    const events = await withEvent();
    events.record(occurrence());
    await passInSteps(10 * SECOND_MS);
    events.record(occurrence());
    const seen = new Date().toISOString().replace('Z', '000Z');
    await passInSteps(25 * SECOND_MS);
    expect(events.created()).toHaveLength(1);
    expect(events.patched().map(({ route }) => route)).toEqual([events.route]);
    expect(events.patched()[0]?.headers['content-type']).toBe('application/merge-patch+json');
    expect(events.patched()[0]?.json).toEqual({ series: { count: 3, lastObservedTime: seen } });
  });

  it('is told at most every 30 s', async () => {
    const events = await withEvent();
    for (let seconds = 0; seconds < 89; seconds += 1) {
      events.record(occurrence());
      await passInSteps(SECOND_MS, SECOND_MS);
    }
    expect(counts(events)).toHaveLength(2);
  });

  it('within six minutes is the same series, for as long as it goes on', async () => {
    const events = await withEvent();
    for (let times = 0; times < 4; times += 1) {
      await minutes(5);
      events.record(occurrence());
    }
    await minutes(1);
    expect(events.created()).toHaveLength(1);
    expect(counts(events)).toEqual([2, 3, 4, 5]);
  });

  it('after six minutes is an Event of its own', async () => {
    const events = await withEvent();
    await minutes(6);
    events.record(occurrence());
    await written(events);
    expect(events.created()).toHaveLength(2);
    expect(new Set(events.created().map(nameOf)).size).toBe(2);
  });

  const others: Record<string, Partial<Occurrence>> = {
    type: { type: 'Normal' },
    reason: { reason: 'FailedDelete' },
    note: { note: 'something else' },
    object: { regarding: { ...occurrence().regarding, uid: 'another life' } },
  };
  it.each(Object.entries(others))('is not the same with another %s', async (_, other) => {
    const events = await withEvent();
    events.record(occurrence(other));
    await written(events);
    expect(events.created()).toHaveLength(2);
  });

  it('is the same although its object has changed meanwhile', async () => {
    const events = await withEvent();
    events.record(occurrence({ regarding: { ...occurrence().regarding, resourceVersion: '7' } }));
    await written(events);
    expect(events.created()).toHaveLength(1);
  });
});

describe('a series', () => {
  it('whose Event could not be written begins anew', async () => {
    const events = await recording();
    events.server.on(`POST ${COLLECTION}`, (exchange) => exchange.refuse(500));
    events.record(occurrence());
    await written(events);
    events.server.on(`POST ${COLLECTION}`, taken);
    events.record(occurrence());
    await written(events);
    expect(events.created()).toHaveLength(2);
  });

  it('whose Event somebody deleted begins anew', async () => {
    const events = await withEvent();
    events.server.on(events.route, (exchange) => exchange.refuse(404));
    events.record(occurrence());
    await minutes(1);
    expect(events.patched()).toHaveLength(1);
    events.record(occurrence());
    await written(events);
    expect(events.created()).toHaveLength(2);
  });

  it('whose Event is found deleted is not told again, although it was seen meanwhile', async () => {
    const events = await withEvent();
    events.server.on(events.route, () => undefined);
    events.record(occurrence());
    void events.recorder.flush(60_000);
    await until(() => events.patched().length === 1);
    events.record(occurrence());
    events.patched()[0]?.refuse(404);
    await minutes(2);
    expect(events.patched()).toHaveLength(1);
  });

  it('that could not be told is told in full the next time', async () => {
    const events = await withEvent();
    events.server.on(events.route, (exchange) => exchange.refuse(500));
    events.record(occurrence());
    await minutes(1);
    events.server.on(events.route, (exchange) => exchange.answer({}));
    events.record(occurrence());
    await minutes(1);
    expect(counts(events)).toEqual([2, 3]);
  });

  it.each([
    ['and is told when that is written', taken, [2]],
    ['and is not told when that is refused', (exchange: Exchange) => exchange.refuse(500), []],
  ])('waits for its Event, %s', async (_, answer, told) => {
    const events = await recording();
    events.server.on(`POST ${COLLECTION}`, () => undefined);
    events.record(occurrence());
    await until(() => events.created().length === 1);
    events.record(occurrence());
    const flushed = events.recorder.flush(60_000);
    await settle();
    expect(events.patched()).toEqual([]);
    answer(events.created()[0]!);
    await flushed;
    expect(counts(events)).toEqual(told);
  });

  it('is told at the end, before its time', async () => {
    const events = await withEvent();
    events.record(occurrence());
    await events.recorder.flush(60_000);
    expect(counts(events)).toEqual([2]);
    await minutes(1);
    expect(counts(events)).toEqual([2]);
  });
});
