/** A moment as the API writes it: in UTC, and to the second, which is all that metav1.Time holds. */
export function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
