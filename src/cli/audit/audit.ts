import { listedCluster } from '../../core/admission/listed-cluster.ts';
import { ruleIds } from '../../core/admission/rule-ids.ts';
import { rulesOff } from '../../core/admission/settings.ts';
import { auditCluster, judgedDaemonSets } from '../../core/audit/audit.ts';
import type { Finding } from '../../core/audit/finding.ts';
import { type AuditReport, reportOf } from '../../core/audit/report.ts';
import { anyAtLeast } from '../../core/severity.ts';
import type { Client } from '../../kube/client.ts';
import { admissionSettings } from '../admission-settings.ts';
import { examineCluster } from '../examine-cluster.ts';
import { isOutage } from '../examining.ts';
import { UsageError } from '../exit-codes.ts';
import type { Progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { version } from '../version.ts';
import { readBaseline } from './baseline.ts';
import { formatFindings } from './format.ts';
import type { AuditFlags } from './options.ts';
import { type Choice, type ClusterRead, readCluster } from './read-cluster.ts';
import { writeReports } from './write-reports.ts';

/**
 * Judges all that runs in a cluster by all rules, and prints what it finds.
 *
 * @returns the exit code: 3 when the cluster went away in the middle, or did not take all reports, else 1 when there are findings, else 3 when
 * something could not be read, else 0.
 * @throws UsageError, ConfigurationError, KubeconfigError, and ApiError for credentials that the server does not know.
 */
export async function audit(flags: AuditFlags, terminal: Terminal): Promise<number> {
  assertRules(flags.off);
  const baseline = await readBaseline(flags.baseline);
  const configured = rulesOff(await admissionSettings(flags));
  return examineCluster(flags, terminal, async ({ reader, client, server, progress, colours }) => {
    const now = Date.now();
    const read = await readCluster(reader, chosenBy(flags), (what) => progress.show(`reading ${what}`));
    const off = new Set([...flags.off, ...configured, ...read.blind]);
    const report = judge(read, { baseline, now, off, progress });
    const troubles = await write(report, read, { client, now, flags, progress });
    return {
      text: formatFindings(report, flags.output, { source: server, version: version(), now, colours }),
      found: anyAtLeast(report.findings, flags.failOn),
      troubles,
    };
  });
}

const UNWRITTEN = 'not all reports were written to the cluster';

type Writing = {
  readonly client: Client;
  readonly now: number;
  readonly flags: AuditFlags;
  readonly progress: Progress;
};

/** Writes reports to the cluster where that is wanted. Returns what went wrong, with the reading as well. */
async function write(
  report: AuditReport,
  { brokenOff }: ClusterRead,
  { client, now, flags, progress }: Writing,
): Promise<readonly string[]> {
  const { write: api } = flags;
  if (brokenOff) {
    const unwritten = api ? ' and none was written to the cluster' : '';
    return [`the report is partial${unwritten}: ${brokenOff.message}`];
  }
  if (!api) return [];
  try {
    const refused = await writeReports(client, report, { api, now, ...chosenBy(flags) }, (done, all) =>
      progress.show(`writing report ${done} of ${all}`),
    );
    return refused === undefined ? [] : [`${UNWRITTEN}: ${refused}`];
  } catch (error) {
    if (!isOutage(error)) throw error;
    return [`${UNWRITTEN}: ${error.message}`];
  }
}

type Setting = {
  readonly baseline: ReadonlySet<string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly off: ReadonlySet<string>;
  readonly progress: Progress;
};

function chosenBy({ namespace, allNamespaces, selector }: AuditFlags): Choice {
  return {
    ...(namespace !== undefined && !allNamespaces && { namespace }),
    ...(selector !== undefined && { selector }),
  };
}

function judge(
  { objects, notRead, only }: ClusterRead,
  { baseline, now, off, progress }: Setting,
): AuditReport {
  const cluster = listedCluster(objects);
  const daemonSets = judgedDaemonSets(cluster, { only }).length;
  const findings: Finding[] = [];
  let done = 0;
  for (const found of auditCluster(cluster, { now, off, only })) {
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
