/** The moment that tests take as now. */
export const NOW = Date.UTC(2026, 0, 15, 12);

export function secondsAgo(seconds: number): number {
  return NOW - seconds * 1000;
}
