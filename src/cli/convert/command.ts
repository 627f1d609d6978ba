import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import { type ConvertFlags, convertOptions } from './options.ts';

/** The command line of `convert`; the command itself is loaded when it is called. */
export function convertCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('convert')
    .description('convert DaemonSets of extensions/v1beta1 and apps/v1beta2 to apps/v1, within their files')
    .action(async (flags: ConvertFlags) => {
      const { convert } = await import('./convert.ts');
      exit(await convert(flags, process.stdin, terminal));
    })
    .addHelpText(
      'after',
      `
What the old version meant where nothing was said is written out; fields, annotations, labels and taints that were
replaced become those of today. Comments, order and quotes stay, and so does every object of another kind. Each change
is explained on stderr.

Exit codes:
  0  every DaemonSet is in apps/v1 now, or was
  1  something is left to you: it is named on stderr
  2  bad input: a flag
  3  a file could not be read or written

Examples:
  everynode convert -f fluentd.yaml | kubectl apply -f -
  everynode convert -f manifests/ -R --diff
  everynode convert -f manifests/ --write
  everynode convert -f - < rendered.yaml`,
    );
  for (const option of convertOptions()) command.addOption(option);
  return command;
}
