import { stringify } from 'yaml';
import { catalogue, type RuleEntry } from '../core/audit/catalogue.ts';
import { alignColumns, painter } from './columns.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { hasColours, type Terminal } from './terminal.ts';

export type RulesFlags = { readonly output: 'table' | 'wide' | 'json' | 'yaml' };

/**
 * Prints the rules that audit and lint apply: all in a list, or one with its rationale and example.
 *
 * @returns the exit code.
 * @throws UsageError for a rule that does not exist.
 */
export function printRules(id: string | undefined, { output }: RulesFlags, terminal: Terminal): number {
  const chosen = id === undefined ? Object.entries(catalogue) : [[id, entryOf(id)] as const];
  const colours = hasColours(terminal.stdout, terminal.env);
  terminal.stdout.write(`${format(chosen, output, { colours, single: id !== undefined })}\n`);
  return EXIT.ok;
}

function entryOf(id: string): RuleEntry {
  const entry = Object.hasOwn(catalogue, id) ? catalogue[id] : undefined;
  if (entry) return entry;
  throw new UsageError(`there is no rule ${JSON.stringify(id)}; everynode rules lists them`);
}

type Look = { readonly colours: boolean; readonly single: boolean };

function format(
  entries: readonly (readonly [string, RuleEntry])[],
  output: RulesFlags['output'],
  { colours, single }: Look,
): string {
  const data = entries.map(([id, entry]) => ({ id, ...entry }));
  if (output === 'json') return JSON.stringify(data, undefined, 2);
  if (output === 'yaml') return stringify(data, { version: '1.1' }).trimEnd();
  const paint = painter(colours);
  if (single || output === 'wide') {
    return data
      .map(({ id, severity, title, rationale, example }) =>
        [
          `${paint('bold', id)} (${severity}): checks that ${title}.`,
          `  ${rationale}`,
          ...example.split('\n').map((line) => `    ${line}`),
        ].join('\n'),
      )
      .join('\n\n');
  }
  const rows = data.map(({ id, severity, title }) => [id, severity, `checks that ${title}`]);
  return alignColumns([['RULE', 'SEVERITY', 'WHAT'], ...rows]).join('\n');
}
