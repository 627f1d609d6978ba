const LISTED = 3;

/** Some names and how many more there are: `n1, n2, n3 and 54 more`. */
export function listNames(names: readonly string[], shown = LISTED): string {
  const more = names.length > shown ? ` and ${names.length - shown} more` : '';
  return names.slice(0, shown).join(', ') + more;
}

/** `1 pod`, `2 pods`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
