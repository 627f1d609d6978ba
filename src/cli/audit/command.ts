import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import { type AuditFlags, auditOptions } from './options.ts';

/** The command line of `audit`; the command itself is loaded when it is called. */
export function auditCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('audit')
    .description('judge all DaemonSets of a cluster by all rules; changes nothing')
    .action(async (flags: AuditFlags) => {
      const { audit } = await import('./audit.ts');
      exit(await audit(flags, terminal));
    })
    .addHelpText(
      'after',
      `
A finding is accepted by an annotation on the DaemonSet, with a reason and, if you like, a last day:
  everynode.dev/ignore.<rule>: "until=2027-03-31 reads the kernel log"

Exit codes:
  0  nothing found, of --fail-on or worse
  1  something found, of --fail-on or worse
  2  bad input
  3  a part of the cluster could not be read, and nothing was found in the rest; or the cluster went away
     in the middle, or did not take all reports, whatever was found

Examples:
  everynode audit
  everynode audit -n monitoring -o wide --fail-on=error
  everynode audit -o json > known.json && everynode audit --baseline known.json
  everynode audit -o html > audit.html`,
    );
  for (const option of auditOptions()) command.addOption(option);
  return command;
}
