import { diagnose } from '../../core/doctor/diagnose.ts';
import { anyAtLeast } from '../../core/severity.ts';
import { examineCluster } from '../examine-cluster.ts';
import type { Terminal } from '../terminal.ts';
import { gather } from './gather.ts';
import type { DoctorFlags } from './options.ts';
import { formatReport, type Report } from './report.ts';

/**
 * Looks at a cluster, changes nothing, and prints what is wrong.
 *
 * @returns the exit code: 1 when there are findings, else 3 when something could not be read, else 0.
 * @throws KubeconfigError, and ApiError for credentials that the server does not know.
 */
export function doctor(flags: DoctorFlags, terminal: Terminal): Promise<number> {
  const { namespace, leaseName, configurationName } = flags;
  return examineCluster(flags, terminal, async ({ reader, server, colours }) => {
    const evidence = await gather(reader, { namespace, leaseName, configurationName });
    const report: Report = {
      server,
      webhooks: evidence.configurations.reduce((sum, { webhooks = [] }) => sum + webhooks.length, 0),
      agents: evidence.agents.length,
      findings: diagnose(evidence, Date.now()),
      notRead: evidence.notRead,
    };
    return {
      text: formatReport(report, flags.output, colours),
      found: anyAtLeast(report.findings, flags.failOn),
    };
  });
}
