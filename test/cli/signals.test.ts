import { expect, it, onTestFinished } from 'vitest';
import { untilSignalled } from '../../src/cli/signals.ts';

type Listener = (name: NodeJS.Signals) => void;

const NAMES = ['SIGINT', 'SIGTERM'] as const;

const listenersOf = (name: NodeJS.Signals): readonly Listener[] => process.listeners(name) as Listener[];

/** The signal, and what it listens with; taken off the process again when the test has ended. */
function listening(): { signal: AbortSignal; send: Listener } {
  const before = NAMES.map(listenersOf);
  const signal = untilSignalled();
  const added = NAMES.map((name, index) =>
    listenersOf(name).filter((listener) => !before[index]?.includes(listener)),
  );
  onTestFinished(() => {
    for (const [index, name] of NAMES.entries()) {
      for (const listener of added[index] ?? []) process.off(name, listener);
    }
  });
  const send: Listener = (name) => {
    for (const listener of added[NAMES.indexOf(name as 'SIGINT')] ?? []) listener(name);
  };
  return { signal, send };
}

it.each(NAMES)('%s ends the work, and is the reason', (name) => {
  const { signal, send } = listening();
  expect(signal.aborted).toBe(false);
  send(name);
  expect(signal).toMatchObject({ aborted: true, reason: name });
});
