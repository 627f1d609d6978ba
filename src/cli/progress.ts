import { isInteractive, type Terminal } from './terminal.ts';

export type Progress = { readonly show: (text: string) => void; readonly clear: () => void };

const BETWEEN_MS = 100;

/** One line on stderr that is written over, on a terminal only. */
export function progressOn({ stderr, env }: Terminal): Progress {
  if (!isInteractive(stderr, env)) return { show: () => undefined, clear: () => undefined };
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show: (text) => {
      const now = performance.now();
      if (now - shownAt < BETWEEN_MS) return;
      shownAt = now;
      stderr.write(`\r\u001b[K${text.slice(0, (stderr.columns ?? 80) - 1)}`);
    },
    clear: () => void stderr.write('\r\u001b[K'),
  };
}
