/** As kubectl prints ages: `45s`, `5m12s`, `3h`, `12d`. */
export function formatAge(seconds: number): string {
  const units: readonly (readonly [seconds: number, unit: string])[] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'm'],
    [1, 's'],
  ];
  const at = units.findIndex(([size]) => seconds >= size);
  const [size, unit] = units[at] ?? [1, 's'];
  const whole = Math.floor(seconds / size);
  const [smaller, smallerUnit] = units[at + 1] ?? [0, ''];
  const rest = smaller === 0 || whole >= 10 ? 0 : Math.floor((seconds % size) / smaller);
  return `${whole}${unit}${rest > 0 ? `${rest}${smallerUnit}` : ''}`;
}
