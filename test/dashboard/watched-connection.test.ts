import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WatchObserver } from '../../src/cache/caches.ts';
import { WatchedConnection } from '../../src/dashboard/watched-connection.ts';
import { NOW } from '../builders/clock.ts';

const KINDS = ['DaemonSet', 'Node', 'Pod', 'ControllerRevision'];

let connection: WatchedConnection;
let observer: Required<WatchObserver>;
/** What listeners were told, with the second at which they were. */
let told: readonly unknown[];

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
  connection = new WatchedConnection();
  observer = connection.observer as Required<WatchObserver>;
  told = [];
  connection.onChange(() => {
    const { reachable, since } = connection.state();
    told = [...told, { at: seconds(Date.now()), reachable, since: seconds(since) }];
  });
});
afterEach(() => void vi.useRealTimers());

function seconds(time: number): number {
  return (time - NOW) / 1000;
}

/** Lets as many seconds pass. */
function pass(count: number): void {
  vi.advanceTimersByTime(count * 1000);
}

function allOpen(): void {
  for (const kind of KINDS) observer.opened(kind);
}

it('is good until something is known against it', () => {
  expect(connection.state()).toEqual({ reachable: true, since: NOW });
  pass(60);
  expect(told).toEqual([]);
});

describe('a watch that ends', () => {
  beforeEach(() => {
    allOpen();
    pass(10);
  });

  it('and is opened again at once is no outage', () => {
    for (let round = 0; round < 3; round += 1) {
      for (const kind of KINDS) observer.ended(kind);
      pass(1.9);
      allOpen();
      pass(300);
    }
    expect(told).toEqual([]);
    expect(connection.state()).toEqual({ reachable: true, since: NOW });
  });

  it('and stays so is an outage since it ended, however often it is tried', () => {
    observer.ended('Pod');
    for (let tries = 0; tries < 10; tries += 1) {
      pass(0.9);
      observer.ended('Pod');
    }
    expect(told).toEqual([{ at: 12, reachable: false, since: 10 }]);
  });

  it('among others counts from the first of them', () => {
    observer.ended('Pod');
    pass(1);
    observer.ended('Node');
    pass(1);
    expect(told).toEqual([{ at: 12, reachable: false, since: 10 }]);
  });

  it('after another that came back counts from its own end', () => {
    observer.ended('Pod');
    pass(1);
    observer.ended('Node');
    pass(0.5);
    observer.opened('Pod');
    pass(1.4);
    expect(told).toEqual([]);
    pass(0.1);
    expect(told).toEqual([{ at: 13, reachable: false, since: 11 }]);
  });

  it('is over when every one is open again, and told once', () => {
    for (const kind of KINDS) observer.ended(kind);
    pass(30);
    for (const kind of KINDS.slice(1)) observer.opened(kind);
    pass(30);
    expect(told).toHaveLength(1);
    observer.opened('DaemonSet');
    observer.opened('DaemonSet');
    expect(told.slice(1)).toEqual([{ at: 70, reachable: true, since: 70 }]);
    pass(300);
    expect(told).toHaveLength(2);
  });
});

it('a watch that was never opened is an outage too', () => {
  observer.ended('Pod');
  pass(2);
  expect(told).toEqual([{ at: 2, reachable: false, since: 0 }]);
  pass(1);
  allOpen();
  expect(connection.state()).toEqual({ reachable: true, since: NOW + 3_000 });
});

it('a clock that is set back does not make an outage longer or shorter', () => {
  observer.ended('Pod');
  vi.setSystemTime(NOW - 3_600_000);
  pass(2);
  expect(connection.state()).toEqual({ reachable: false, since: NOW - 3_600_000 });
});

it('who stops listening is told no more', () => {
  const told: string[] = [];
  const stop = connection.onChange(() => told.push('first'));
  connection.onChange(() => told.push('second'));
  stop();
  observer.ended('Pod');
  pass(2);
  expect(told).toEqual(['second']);
});
