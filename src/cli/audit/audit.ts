import { PROBE_LABEL } from '../../api/keys.ts';
import { listedCluster } from '../../core/admission/listed-cluster.ts';
import { ruleIds } from '../../core/admission/rule-ids.ts';
import { auditCluster } from '../../core/audit/audit.ts';
import type { Finding } from '../../core/audit/finding.ts';
import { type AuditReport, reportOf } from '../../core/audit/report.ts';
import { anyAtLeast } from '../../core/severity.ts';
import { createLogger } from '../../telemetry/log.ts';
import { connect } from '../connect.ts';
import { examining } from '../examining.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { type Progress, progressOn } from '../progress.ts';
import { Reader } from '../reader.ts';
import { isInteractive, type Terminal } from '../terminal.ts';
import { version } from '../version.ts';
import { readBaseline } from './baseline.ts';
import { formatFindings } from './format.ts';
import type { AuditFlags } from './options.ts';
import { type ClusterRead, readCluster } from './read-cluster.ts';
import { writeReports } from './write-reports.ts';

/**
 * Judges all that runs in a cluster by all rules, and prints what it finds.
 *
 * @returns the exit code: 3 when the cluster went away in the middle, else 1 when there are findings, else 3 when
 * something could not be read, else 0.
 * @throws UsageError, KubeconfigError, and ApiError for credentials that the server does not know.
 */
export async function audit(flags: AuditFlags, terminal: Terminal): Promise<number> {
  assertRules(flags.off);
  const baseline = await readBaseline(flags.baseline);
  return examining(terminal, () => examine(flags, baseline, terminal));
}

async function examine(
  flags: AuditFlags,
  baseline: ReadonlySet<string>,
  terminal: Terminal,
): Promise<number> {
  const logger = createLogger({ level: 'silent' });
  const { client, transport, server } = await connect({ ...flags, logLevel: 'silent' }, terminal, { logger });
  const progress = progressOn(terminal);
  try {
    const now = Date.now();
    const read = await readCluster(new Reader(client), flags.namespace, (what) =>
      progress.show(`reading ${what}`),
    );
    const off = new Set([...flags.off, ...read.blind]);
    const report = judge(read, { baseline, now, off, progress });
    progress.clear();
    if (flags.write) await writeReports(client, report, { api: flags.write, now });
    const colours = isInteractive(terminal.stdout, terminal.env);
    const context = { source: server, version: version(), now, colours };
    terminal.stdout.write(formatFindings(report, flags.output, context));
    if (read.brokenOff) return EXIT.prevented;
    if (anyAtLeast(report.findings, flags.failOn)) return EXIT.failure;
    return report.notRead.length > 0 ? EXIT.prevented : EXIT.ok;
  } finally {
    progress.clear();
    await transport.close();
  }
}

type Setting = {
  readonly baseline: ReadonlySet<string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly off: ReadonlySet<string>;
  readonly progress: Progress;
};

function judge({ objects, notRead }: ClusterRead, { baseline, now, off, progress }: Setting): AuditReport {
  const cluster = listedCluster(objects);
  const daemonSets = cluster.daemonSets().filter(({ metadata }) => !metadata.labels?.[PROBE_LABEL]).length;
  const findings: Finding[] = [];
  let done = 0;
  for (const found of auditCluster(cluster, { now, off })) {
    findings.push(...found);
    done += 1;
    progress.show(`judging ${Math.min(done, daemonSets)} of ${daemonSets} DaemonSets`);
  }
  const judged = { DaemonSet: daemonSets, Node: cluster.nodes().length };
  return reportOf(findings, { judged, notRead }, baseline);
}

/** @throws UsageError for a rule that does not exist. */
export function assertRules(off: readonly string[]): void {
  const unknown = off.find((id) => !ruleIds.includes(id));
  if (unknown === undefined) return;
  throw new UsageError(`--off: there is no rule ${JSON.stringify(unknown)}; see everynode rules`);
}
