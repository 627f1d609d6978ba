import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import { type LintFlags, lintOptions } from './options.ts';

/** The command line of `lint`; the command itself is loaded when it is called. */
export function lintCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('lint')
    .description('judge DaemonSets in files by the same rules, before they are applied')
    .action(async (flags: LintFlags) => {
      const { lint } = await import('./lint.ts');
      exit(await lint(flags, process.stdin, terminal));
    })
    .addHelpText(
      'after',
      `
Objects of other kinds are passed over and counted. All files together are taken for the cluster: two DaemonSets
with one selector, or one port, are found.

Exit codes:
  0  nothing found, of --fail-on or worse
  1  something found, of --fail-on or worse; also what is no manifest
  2  bad input: a flag
  3  a file could not be read, whatever was found in the others

Examples:
  everynode lint -f agent.yaml
  everynode lint -f manifests/ -R -o sarif > everynode.sarif
  everynode lint -f - --fail-on=error < rendered.yaml`,
    );
  for (const option of lintOptions()) command.addOption(option);
  return command;
}
