/** What the page shows, and how: all of it stands in the hash of the address. */
export type Route = View & { readonly options: Options };

export type View =
  | { readonly view: 'overview' }
  /** The nodes with one value of a label. */
  | { readonly view: 'group'; readonly label: string; readonly value: string }
  | { readonly view: 'node'; readonly node: string }
  /** `daemonSet` is `namespace/name`. */
  | { readonly view: 'daemonSet'; readonly daemonSet: string }
  | { readonly view: 'findings' }
  | { readonly view: 'unknown' };

/**
 * - `by`: the label that groups nodes; `EVERY_NODE` for none.
 * - `daemonSets`, `nodes`, `text`: filters.
 * - `only`: `unsettled` for what is not as it should be.
 * - `severity`: of findings.
 * - `at`: the DaemonSet to begin at.
 * - `explain`: the cell that is explained, as `namespace/name@node`.
 */
export type Options = { readonly [name in (typeof OPTION_NAMES)[number]]?: string };

const OPTION_NAMES = ['by', 'daemonSets', 'nodes', 'only', 'severity', 'text', 'at', 'explain'] as const;

/** What `by` says where every node is to have its own column. No label is called that. */
export const EVERY_NODE = '*';

export const OVERVIEW: Route = { view: 'overview', options: {} };

/** A DaemonSet, `namespace/name`, on a node. */
export type Cell = { readonly daemonSet: string; readonly node: string };

/** The cell that `explain` names; undefined where it names none, as in a link that was copied in part. */
export function parseCell(explain: string | undefined): Cell | undefined {
  const [, daemonSet, node] = /^([^/@]+\/[^/@]+)@(.+)$/.exec(explain ?? '') ?? [];
  return daemonSet !== undefined && node !== undefined ? { daemonSet, node } : undefined;
}

/** What stands in the hash, as far as it can be read. */
export function parseRoute(hash: string): Route {
  const { before: path, after: query } = splitAt(hash.replace(/^#/, ''), '?');
  const asked = new URLSearchParams(query);
  const options = OPTION_NAMES.flatMap((name) => {
    const value = asked.get(name);
    return value === null ? [] : [[name, value]];
  });
  return { ...viewOf(path), options: Object.fromEntries(options) };
}

function viewOf(path: string): View {
  const parts = path.replace(/^\//, '').split('/').map(decoded);
  const [view = 'unknown', first = '', second = ''] = parts;
  if (parts.includes(undefined)) return { view: 'unknown' };
  switch (view) {
    case '':
      return { view: 'overview' };
    case 'group':
      return { view: 'group', label: first, value: second };
    case 'node':
      return { view: 'node', node: first };
    case 'daemonset':
      return { view: 'daemonSet', daemonSet: `${first}/${second}` };
    case 'findings':
      return { view: 'findings' };
    default:
      return { view: 'unknown' };
  }
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function splitAt(text: string, separator: string): { readonly before: string; readonly after: string } {
  const at = text.indexOf(separator);
  return at < 0 ? { before: text, after: '' } : { before: text.slice(0, at), after: text.slice(at + 1) };
}

/** The hash for a view. */
export function hashOf({ options, ...view }: Route): string {
  const query = new URLSearchParams(
    OPTION_NAMES.flatMap((name) => {
      const value = options[name];
      return value === undefined ? [] : [[name, value]];
    }),
  ).toString();
  return `#/${pathOf(view).map(encodeURIComponent).join('/')}${query && '?'}${query}`;
}

function pathOf(view: View): readonly string[] {
  switch (view.view) {
    case 'overview':
      return [];
    case 'group':
      return ['group', view.label, view.value];
    case 'node':
      return ['node', view.node];
    case 'daemonSet':
      return ['daemonset', ...view.daemonSet.split('/')];
    case 'findings':
      return ['findings'];
    case 'unknown':
      return ['unknown'];
  }
}

/** The route with other options; one that is undefined is left out. */
export function withOptions(route: Route, changed: { [name in keyof Options]: string | undefined }): Route {
  const options = Object.entries({ ...route.options, ...changed }).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  return { ...route, options: Object.fromEntries(options) };
}

/** The key that signs in, where the address has one. */
export function signInKey(hash: string): string | undefined {
  const key = new URLSearchParams(hash.replace(/^#/, '')).get('key');
  return hash.startsWith('#key=') && key ? key : undefined;
}
