/** So long a hidden page goes on in milliseconds: who looks at another tab for a moment should not notice. */
const GRACE = 5_000;

/**
 * Has something go on as long as the page can be seen, and a little longer.
 *
 * @returns what ends the watching; it calls neither.
 */
export function whileSeen(begin: () => void, leave: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOn = false;
  const look = (): void => {
    clearTimeout(timer);
    if (document.hidden === !isOn) return;
    if (document.hidden) timer = setTimeout(turn, GRACE);
    else turn();
  };
  const turn = (): void => {
    isOn = !isOn;
    if (isOn) begin();
    else leave();
  };
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
}
