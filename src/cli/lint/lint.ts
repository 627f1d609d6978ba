import type { Readable } from 'node:stream';
import { reportOf } from '../../core/audit/report.ts';
import { anyAtLeast } from '../../core/severity.ts';
import { assertRules } from '../audit/audit.ts';
import { readBaseline } from '../audit/baseline.ts';
import { formatFindings } from '../audit/format.ts';
import { EXIT } from '../exit-codes.ts';
import { hasColours, type Terminal } from '../terminal.ts';
import { version } from '../version.ts';
import { judgeSources } from './judge-sources.ts';
import type { LintFlags } from './options.ts';

/**
 * Judges the DaemonSets in files by the same rules as the audit, as far as files tell, and prints what it finds.
 *
 * @returns the exit code: 3 when a file could not be read, else 1 when there are findings, else 0.
 * @throws UsageError
 */
export async function lint(flags: LintFlags, stdin: Readable, terminal: Terminal): Promise<number> {
  assertRules(flags.off);
  const baseline = await readBaseline(flags.baseline);
  const now = Date.now();
  const off = new Set(flags.off);
  const { namespace, recursive } = flags;
  const judged = await judgeSources(flags.filename, { stdin, recursive, namespace, now, off });
  const counts = { DaemonSet: judged.daemonSets, 'other object': judged.passedOver };
  const report = reportOf(judged.findings, { judged: counts, notRead: judged.notRead }, baseline);
  const colours = hasColours(terminal.stdout, terminal.env);
  const context = { source: flags.filename.join(', '), version: version(), now, colours };
  terminal.stdout.write(formatFindings(report, flags.output, context));
  if (judged.notRead.length > 0) return EXIT.prevented;
  return anyAtLeast(report.findings, flags.failOn) ? EXIT.failure : EXIT.ok;
}
