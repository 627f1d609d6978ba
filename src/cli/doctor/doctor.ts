import { diagnose } from '../../core/doctor/diagnose.ts';
import { anyAtLeast } from '../../core/severity.ts';
import { createLogger } from '../../telemetry/log.ts';
import { connect } from '../connect.ts';
import { examining } from '../examining.ts';
import { EXIT } from '../exit-codes.ts';
import { isInteractive, type Terminal } from '../terminal.ts';
import { gather } from './gather.ts';
import type { DoctorFlags } from './options.ts';
import { Reader } from '../reader.ts';
import { formatReport, type Report } from './report.ts';

/**
 * Looks at a cluster, changes nothing, and prints what is wrong.
 *
 * @returns the exit code: 1 when there are findings, else 3 when something could not be read, else 0.
 * @throws KubeconfigError, and ApiError for credentials that the server does not know.
 */
export async function doctor(flags: DoctorFlags, terminal: Terminal): Promise<number> {
  return examining(terminal, async () => {
    const report = await examine(flags, terminal);
    const colours = isInteractive(terminal.stdout, terminal.env);
    terminal.stdout.write(formatReport(report, flags.output, colours));
    if (anyAtLeast(report.findings, flags.failOn)) return EXIT.failure;
    return report.notRead.length > 0 ? EXIT.prevented : EXIT.ok;
  });
}

async function examine(flags: DoctorFlags, terminal: Terminal): Promise<Report> {
  const { namespace, leaseName, configurationName } = flags;
  const logger = createLogger({ level: 'silent' });
  const { client, transport, server } = await connect({ ...flags, logLevel: 'silent' }, terminal, { logger });
  try {
    const evidence = await gather(new Reader(client), { namespace, leaseName, configurationName });
    return {
      server,
      webhooks: evidence.configurations.reduce((sum, { webhooks = [] }) => sum + webhooks.length, 0),
      agents: evidence.agents.length,
      findings: diagnose(evidence, Date.now()),
      notRead: evidence.notRead,
    };
  } finally {
    await transport.close();
  }
}
