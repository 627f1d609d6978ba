const TIME: Intl.DateTimeFormatOptions = {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  // Not `hour12: false`: that calls the hour after midnight 24.
  hourCycle: 'h23',
};
const DAY: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', year: 'numeric' };

/** A moment, in milliseconds since the epoch, where the reader is; with the day where that is not today. */
export function formatMoment(moment: number, now = new Date()): string {
  const date = new Date(moment);
  const time = date.toLocaleTimeString('en', TIME);
  return date.toDateString() === now.toDateString() ? time : `${date.toLocaleDateString('en', DAY)}, ${time}`;
}
