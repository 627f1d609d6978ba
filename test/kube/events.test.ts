import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEventRecorder } from '../../src/kube/events.ts';
import { pass, passUntil, restoreTime, settle, stopTime, until } from '../fakes/clock.ts';
import { connect } from './harness.ts';
import {
  COLLECTION,
  MINUTE_MS,
  minutes,
  nameOf,
  noteOf,
  occurrence,
  type Recording,
  recording,
  taken,
  written,
} from './events-harness.ts';

beforeAll(stopTime);
afterAll(restoreTime);

const stems = ({ created }: Recording): ReadonlySet<string | undefined> =>
  new Set(created().map((exchange) => nameOf(exchange).split('.')[0]));

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

describe('an Event', () => {
  it('says what happened to what, when and who tells it', async () => {
    const events = await recording();
    const { regarding } = occurrence();
    events.record(occurrence());
    await written(events);
    expect(events.server.requests.map(({ route }) => route)).toEqual([`POST ${COLLECTION}`]);
    expect(events.created()[0]?.json).toEqual({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: expect.stringMatching(/^fluentd\.[0-9a-f]+$/), namespace: 'kube-system' },
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      reportingController: 'everynode.dev/sync',
      reportingInstance: 'host-1',
      regarding,
      type: 'Warning',
      reason: 'FailedCreate',
      note: 'the pod was refused',
      action: 'Sync',
    });
  });

  const notes: Record<string, [note: string, sent: string]> = {
    'of 1 KiB': ['x'.repeat(1_024), 'x'.repeat(1_024)],
    'over 1 KiB': ['x'.repeat(1_025), `${'x'.repeat(1_021)}...`],
    'over 1 KiB in bytes, although not in characters': ['é'.repeat(600), `${'é'.repeat(510)}...`],
    'that would be cut inside a character': [`xx${'😀'.repeat(300)}`, `xx${'😀'.repeat(254)}...`],
  };
  it.each(Object.entries(notes))('keeps what fits of a note %s', async (_, [note, sent]) => {
    const events = await recording();
    events.record(occurrence({ note }));
    await written(events);
    expect(noteOf(events.created()[0]!)).toBe(sent);
    expect(Buffer.byteLength(sent)).toBeLessThanOrEqual(1_024);
  });

  it('has a name that the API server takes, however long that of the object is', async () => {
    const events = await recording();
    events.record(occurrence({}, `${'x'.repeat(198)}-.y${'z'.repeat(40)}`));
    await written(events);
    expect(nameOf(events.created()[0]!)).toMatch(/^x{198}\.[0-9a-f]+$/);
  });

  it('has no longer instance than the API server takes', async () => {
    const { server, client, logger } = await connect();
    const { record } = createEventRecorder({
      client,
      logger,
      reportingController: 'c',
      reportingInstance: 'i'.repeat(300),
    });
    record(occurrence());
    const exchange = await server.next();
    expect(exchange.json).toMatchObject({ reportingInstance: 'i'.repeat(128) });
  });
});

describe('§7.6 an object that causes very many', () => {
  it('gets 25 at once, and others get theirs all the same', async () => {
    const events = await recording();
    for (const at of numbers(40)) events.record(occurrence({ note: `note ${at}` }));
    events.record(occurrence({ note: 'of another' }, 'other'));
    await written(events);
    expect(new Set(events.created().map(noteOf))).toEqual(
      new Set([...numbers(25).map((at) => `note ${at}`), 'of another']),
    );
  });

  it('gets one every five minutes after that', async () => {
    const events = await recording();
    for (const at of numbers(25)) events.record(occurrence({ note: `note ${at}` }));
    await pass(5 * MINUTE_MS - 1);
    events.record(occurrence({ note: 'too early' }));
    await pass(1);
    events.record(occurrence({ note: 'in time' }));
    events.record(occurrence({ note: 'too many' }));
    await written(events);
    expect(events.created().slice(25).map(noteOf)).toEqual(['in time']);
  });

  it('saves up no more than 25', async () => {
    const events = await recording();
    events.record(occurrence());
    await minutes(60);
    for (const at of numbers(40)) events.record(occurrence({ note: `note ${at}` }));
    await written(events);
    expect(events.created()).toHaveLength(1 + 25);
  });
});

describe('a server', () => {
  it.each([
    ['refuses', (exchange: { refuse: (code: number) => void }) => exchange.refuse(403)],
    ['fails', (exchange: { refuse: (code: number) => void }) => exchange.refuse(500)],
    ['is away', (exchange: { drop: () => void }) => exchange.drop()],
  ])('that %s keeps neither the work nor the next Event', async (_, fail) => {
    const events = await recording();
    events.server.on(`POST ${COLLECTION}`, fail);
    events.record(occurrence({ note: 'lost' }));
    await written(events);
    events.server.on(`POST ${COLLECTION}`, taken);
    events.record(occurrence({ note: 'next' }));
    await written(events);
    expect(events.created().map(noteOf)).toEqual(['lost', 'next']);
    expect(new Set(events.logger.lines.map(({ level }) => level))).toEqual(new Set(['debug']));
  });

  it('that is slow gets no more than eight at once', async () => {
    const events = await recording();
    const open: (() => void)[] = [];
    events.server.on(`POST ${COLLECTION}`, (exchange) => open.push(() => taken(exchange)));
    for (const at of numbers(20)) events.record(occurrence({}, `ds-${at}`));
    for (const answered of numbers(20)) {
      await until(() => open.length >= Math.min(20, answered + 8));
      await settle();
      expect(open.length).toBeLessThanOrEqual(answered + 8);
      open[answered]?.();
    }
    await written(events);
    expect(stems(events)).toEqual(new Set(numbers(20).map((at) => `ds-${at}`)));
  });

  it('that stands still does not fill the memory, and gets what is seen again when it is back', async () => {
    const events = await recording();
    const open: (() => void)[] = [];
    events.server.on(`POST ${COLLECTION}`, (exchange) => open.push(() => taken(exchange)));
    for (const at of numbers(1_200)) events.record(occurrence({}, `ds-${at}`));
    await until(() => open.length >= 8);
    events.server.on(`POST ${COLLECTION}`, taken);
    for (const answer of open.splice(0)) answer();
    await written(events);
    expect(events.created()).toHaveLength(1_008);
    for (const at of numbers(1_200)) events.record(occurrence({}, `ds-${at}`));
    await written(events);
    expect(stems(events).size).toBe(1_200);
  });
});

describe('flush', () => {
  it('waits until everything is written', async () => {
    const events = await recording();
    for (const at of numbers(20)) events.record(occurrence({}, `ds-${at}`));
    await events.recorder.flush(60_000);
    expect(events.created()).toHaveLength(20);
  });

  it('waits no longer than it is told', async () => {
    const events = await recording();
    events.server.on(`POST ${COLLECTION}`, () => undefined);
    events.record(occurrence());
    const startedAt = performance.now();
    await passUntil(events.recorder.flush(3_000));
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(events.created()).toHaveLength(1);
  });

  it('has nothing to wait for when nothing was recorded', async () => {
    await (await recording()).recorder.flush(3_000);
  });
});
