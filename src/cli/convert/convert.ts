import type { Readable } from 'node:stream';
import { counted } from '../../core/admission/list-names.ts';
import { type ConvertedText, convertText, type Remark } from '../../manifests/convert-text.ts';
import { readSources, STDIN, type Source } from '../../manifests/sources.ts';
import { writeSource } from '../../manifests/write-source.ts';
import { painter } from '../columns.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { hasColours, type Terminal } from '../terminal.ts';
import type { ConvertFlags } from './options.ts';
import { joinSources } from './join-sources.ts';
import { unifiedDiff } from './unified-diff.ts';

/**
 * Converts manifests, and prints or writes what comes out.
 *
 * @returns the exit code: 3 when a file could not be read or written, else 1 when something is left to the user, else 0.
 * @throws UsageError for options that do not go together.
 */
export async function convert(flags: ConvertFlags, stdin: Readable, terminal: Terminal): Promise<number> {
  assertSensible(flags);
  const report = new Report(terminal);
  const texts: string[] = [];
  for await (const source of readSources(flags.filename, { stdin, recursive: flags.recursive })) {
    const text = report.tell(source);
    if (text === undefined || !('text' in source)) continue;
    if (flags.diff) {
      const colours = hasColours(terminal.stdout, terminal.env);
      terminal.stdout.write(unifiedDiff(source.text, text, source.name, colours));
    } else if (!flags.write) texts.push(text);
    else if (text !== source.text) report.written(source.name, await writeSource(source.name, text));
  }
  if (texts.length > 0) terminal.stdout.write(joinSources(texts));
  return report.end();
}

function assertSensible({ filename, write, diff }: ConvertFlags): void {
  if (write && diff) throw new UsageError('--write and --diff do not go together; see with --diff first');
  if (write && filename.includes(STDIN)) {
    throw new UsageError(
      '--write needs files; what comes from standard input is printed, so leave out --write',
    );
  }
  if (filename.filter((name) => name === STDIN).length > 1) {
    throw new UsageError('-f - can be given once: standard input ends');
  }
}

/** What people read on stderr, and what the exit code follows from. */
class Report {
  readonly #terminal: Terminal;
  readonly #counts = { converted: 0, unchanged: 0, others: 0 };
  #problems = 0;
  #failures = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The source converted, with its remarks told; undefined for one without text. */
  tell(source: Source): string | undefined {
    if ('unreadable' in source) {
      this.#fail(source.name, source.unreadable);
      return undefined;
    }
    if ('fault' in source) {
      this.#problem({ source: source.name, field: '', ...source.fault });
      return undefined;
    }
    const { text, notes, problems, counts } = convertText(source.text, source.name);
    this.#count(counts);
    for (const note of notes) this.#say(note, '');
    for (const problem of problems) this.#problem(problem);
    return text;
  }

  written(name: string, failure: string | undefined): void {
    if (failure !== undefined) this.#fail(name, failure);
  }

  end(): number {
    const { converted, unchanged, others } = this.#counts;
    const parts = [
      `${counted(converted, 'DaemonSet')} converted`,
      ...(unchanged > 0 ? [`${unchanged} left as ${unchanged === 1 ? 'it is' : 'they are'}`] : []),
      ...(others > 0 ? [`${counted(others, 'object')} of other kinds`] : []),
      ...(this.#problems > 0 ? [counted(this.#problems, 'problem')] : []),
    ];
    this.#terminal.stderr.write(`${parts.join(', ')}\n`);
    if (this.#failures > 0) return EXIT.prevented;
    return this.#problems > 0 ? EXIT.failure : EXIT.ok;
  }

  #count(counts: ConvertedText['counts']): void {
    for (const key of ['converted', 'unchanged', 'others'] as const) this.#counts[key] += counts[key];
  }

  #problem(remark: Remark): void {
    this.#problems += 1;
    this.#say(remark, 'error: ');
  }

  #fail(name: string, why: string): void {
    this.#failures += 1;
    this.#terminal.stderr.write(`everynode: ${name} ${why}\n`);
  }

  #say({ source, line, column, field, message }: Remark, severity: string): void {
    const { stderr, env } = this.#terminal;
    const paint = painter(hasColours(stderr, env));
    const about = field === '' ? '' : `${field} `;
    stderr.write(
      `${paint('dim', `${source}:${line}:${column}:`)} ${severity === '' ? '' : paint('red', severity)}${about}${message}\n`,
    );
  }
}
