import { BEAT_MS } from '../../wire.ts';

/** After so long nobody is there: a server that stopped, or a network that swallows all, ends no stream. */
const SILENCE_MS = 3 * BEAT_MS;

/** Watches over one who is to say something now and then. */
export type SilenceWatch = {
  /** Something was heard. Nothing is missed before the first time. */
  readonly heard: () => void;
  readonly stop: () => void;
};

/** @param onSilent told once, after nothing was heard for too long. */
export function watchSilence(onSilent: () => void): SilenceWatch {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    heard: () => {
      clearTimeout(timer);
      timer = setTimeout(onSilent, SILENCE_MS);
    },
    stop: () => clearTimeout(timer),
  };
}
