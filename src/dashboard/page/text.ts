/** Whether the text has every word of the filter, in any case. */
export function matches(text: string, filter: string): boolean {
  const lower = text.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

/** The text in at most `most` characters: its middle is left out, as names differ at their ends. */
export function cutMiddle(text: string, most: number): string {
  const characters = Array.from(text);
  if (characters.length <= most) return text;
  const tail = Math.ceil((most - 1) / 2);
  const head = Math.max(0, most - 1 - tail);
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - tail).join('')}`;
}

const NAMES: readonly (readonly [label: string, name: string])[] = [
  ['topology.kubernetes.io/zone', 'zone'],
  ['topology.kubernetes.io/region', 'region'],
  ['kubernetes.io/arch', 'architecture'],
  ['kubernetes.io/os', 'operating system'],
  ['node.kubernetes.io/instance-type', 'instance type'],
];
const COMMON_NAMES = new Map(NAMES);

/** What people call the label: `zone (topology.kubernetes.io/zone)`. */
export function labelTitle(label: string): string {
  const name = COMMON_NAMES.get(label);
  return name === undefined ? label : `${name} (${label})`;
}

/** The same in short: `zone`, or the label without its domain. */
export function shortLabel(label: string): string {
  return COMMON_NAMES.get(label) ?? label.slice(label.lastIndexOf('/') + 1);
}

/** The state of a DaemonSet as words: `RolloutInProgress` is `rollout in progress`. */
export function spacedWords(word: string): string {
  return word
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/^[A-Z][a-z]/, (start) => start.toLowerCase())
    .replaceAll(/ ([A-Z])(?=[a-z])/g, (start) => start.toLowerCase());
}

/** The same in short: that a rollout is meant goes without saying. */
export function shortState(word: string): string {
  return spacedWords(word).replace(/^rollout /, '');
}

/** What tells these names apart from one another: without the domain where all of them share it. */
export function withoutSharedDomain(names: readonly string[]): (name: string) => string {
  const [first = ''] = names;
  const at = first.indexOf('.');
  const domain = at < 0 ? '' : first.slice(at);
  if (domain === '' || names.length < 2 || !names.every((name) => name.endsWith(domain) && name !== domain)) {
    return (name) => name;
  }
  return (name) => name.slice(0, -domain.length);
}

/** Namespace and name of `namespace/name`. */
export function splitName(daemonSet: string): readonly [namespace: string, name: string] {
  const at = daemonSet.indexOf('/');
  return [daemonSet.slice(0, at), daemonSet.slice(at + 1)];
}

export function capitalised(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
