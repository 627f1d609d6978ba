import { useEffect, useState } from 'preact/hooks';

/** How often is asked again while states stay the same: ages and reasons go on. In milliseconds. */
const BEAT = 10_000;

/** A number that is another one after each beat; what a hidden page missed, it makes up for when it is seen again. */
export function useBeat(): number {
  const [beat, setBeat] = useState(0);
  useEffect(() => {
    let isMissed = false;
    const tick = (): void => {
      isMissed = document.hidden;
      if (!isMissed) setBeat((last) => last + 1);
    };
    const look = (): void => {
      if (isMissed) tick();
    };
    const timer = setInterval(tick, BEAT);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return beat;
}
