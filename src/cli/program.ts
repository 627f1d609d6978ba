import { Command, CommanderError, Option } from 'commander';
import { auditCommand } from './audit/command.ts';
import { convertCommand } from './convert/command.ts';
import { lintCommand } from './lint/command.ts';
import { type DoctorFlags, doctorOptions } from './doctor/options.ts';
import { examiningCommands } from './examining-commands.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { formatFailure } from './failure.ts';
import {
  type DashboardFlags,
  dashboardOptions,
  logLevelOption,
  servingOptions,
  strictUpstreamOption,
  syncOptions,
  type SyncFlags,
  webhookOptions,
  type WebhookFlags,
  wholeNumber,
} from './options.ts';
import type { ServeFlags } from './serve.ts';
import { type PoliciesFlags, policiesOptions } from './policies-options.ts';
import type { RulesFlags } from './rules.ts';
import { untilSignalled } from './signals.ts';
import type { Terminal } from './terminal.ts';
import type { UpFlags } from './up/flags.ts';
import { version } from './version.ts';

const EXIT_CODES = `
Exit codes:
  0    done, or stopped by SIGTERM or Ctrl-C
  1    something failed while running; of a command that looks at something: there is
       something to act on
  2    bad input: a flag, the kubeconfig, a manifest
  3    the cluster is in the way: another DaemonSet controller is at work; of a command
       that looks at something: it, or a part of it, could not be read
  130  ended by Ctrl-C before the work was done`;

/**
 * Parses the arguments and runs the command they name.
 *
 * @returns the exit code; never throws. Commands are loaded when they are called, so `--help` is quick.
 */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = EXIT.ok;
  const program = createProgram(terminal, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const failure = formatFailure(error);
    terminal.stderr.write(`${failure.message}\n`);
    return failure.exitCode;
  }
}

function createProgram(terminal: Terminal, exit: (code: number) => void): Command {
  const program = new Command('everynode')
    .description('Runs and guards Kubernetes DaemonSets from outside kube-controller-manager.')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('(run with --help for what is possible)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    })
    .addHelpText('after', EXIT_CODES);
  program.addCommand(upCommand(terminal, exit).copyInheritedSettings(program));
  for (const command of serverCommands(terminal, exit)) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  for (const command of [
    ...examiningCommands(terminal, exit),
    auditCommand(terminal, exit),
    lintCommand(terminal, exit),
    convertCommand(terminal, exit),
    doctorCommand(terminal, exit),
    policiesCommand(terminal, exit),
    rulesCommand(terminal, exit),
  ]) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}

function serverCommands(terminal: Terminal, exit: (code: number) => void): readonly Command[] {
  const run = async (flags: ServeFlags): Promise<void> => {
    const { serve } = await import('./serve.ts');
    exit(await serve(flags, terminal, untilSignalled()));
  };
  const sync = new Command('sync')
    .description('run the sync loop: one pod on every eligible node')
    .action((flags: SyncFlags) => run({ sync: flags }))
    .addHelpText(
      'after',
      '\nExamples:\n  everynode sync\n  everynode sync --mode=own --namespace=everynode-system',
    );
  const webhook = new Command('webhook')
    .description('serve the admission webhooks')
    .action((flags: WebhookFlags) => run({ webhook: flags }))
    .addHelpText(
      'after',
      '\nExamples:\n  everynode webhook --unregister\n  everynode webhook --host=0.0.0.0 --service=everynode-system/everynode-webhook',
    );
  const both = new Command('serve')
    .description(
      'run the sync loop, the webhooks and, if asked for, the dashboard in one process (for a laptop)',
    )
    .action((flags: SyncFlags & WebhookFlags & Partial<DashboardFlags>) =>
      run({ sync: flags, webhook: flags, ...(hasDashboard(flags) && { dashboard: flags }) }),
    )
    .hook('preAction', (command) => {
      const flags = command.opts<Partial<DashboardFlags>>();
      if (flags.dashboardCertDir === undefined || hasDashboard(flags)) return;
      throw new UsageError(
        '--dashboard-cert-dir: is for a dashboard; give --dashboard-bind-address HOST:PORT, too',
      );
    })
    .addHelpText(
      'after',
      '\nExamples:\n  everynode serve --kubeconfig ~/.kube/config --unregister\n  everynode serve --dashboard-bind-address=127.0.0.1:9080',
    );
  const dashboard = new Command('dashboard')
    .description('serve a read-only page: every DaemonSet on every node, live')
    .action((flags: DashboardFlags) => {
      if (!hasDashboard(flags))
        throw new UsageError('--dashboard-bind-address: 0 is nowhere; give HOST:PORT');
      return run({ dashboard: flags });
    })
    .addHelpText(
      'after',
      '\nWhoever started it on loopback signs in by the link that is printed; everybody else with a token of\nKubernetes, and the right to list daemonsets in all namespaces.\n' +
        '\nExamples:\n  everynode dashboard\n  everynode dashboard --dashboard-bind-address=:9080 --dashboard-cert-dir=certs',
    );
  for (const option of [...servingOptions(), ...syncOptions()]) sync.addOption(option);
  for (const option of [...servingOptions(), ...webhookOptions()]) webhook.addOption(option);
  for (const option of [
    ...servingOptions(),
    ...syncOptions(),
    ...webhookOptions(),
    ...dashboardOptions(undefined),
  ]) {
    both.addOption(option);
  }
  for (const option of [
    ...servingOptions(),
    ...dashboardOptions('127.0.0.1:9080'),
    strictUpstreamOption('say what a sync loop does that was given the same flag'),
  ]) {
    dashboard.addOption(option);
  }
  return [sync, webhook, dashboard, both];
}

/** Commander makes an empty text of the `undefined` that 0 is parsed into. */
function hasDashboard(flags: Partial<DashboardFlags>): flags is DashboardFlags {
  return Boolean(flags.dashboardBindAddress);
}

function upCommand(terminal: Terminal, exit: (code: number) => void): Command {
  return new Command('up')
    .description(
      'start a real control plane with simulated nodes here, run everynode on it, roll out a DaemonSet',
    )
    .option('-f, --filename <file>', 'DaemonSet to apply (default: fluentd-elasticsearch)')
    .addOption(
      new Option('--nodes <n>', 'simulated nodes')
        .default(5)
        .argParser(wholeNumber(1, 10_000))
        .conflicts('kubeconfig'),
    )
    .option('--once', 'stop as soon as the rollout is complete', false)
    .addOption(
      new Option('-o, --output <format>', 'print one line for scripts instead of a table').choices(['json']),
    )
    .addOption(
      new Option('--dashboard-port <port>', 'port of the dashboard on 127.0.0.1; 0 picks a free one')
        .default(0)
        .argParser(wholeNumber(0, 65_535)),
    )
    .option('--kubeconfig <file>', 'use that cluster; all that is made there is removed at the end')
    .option('--context <name>', 'context of the kubeconfig')
    .addOption(logLevelOption().default('warn'))
    .action(async (flags: UpFlags) => {
      const { up } = await import('./up/up.ts');
      exit(await up(flags, terminal, untilSignalled()));
    })
    .addHelpText(
      'after',
      '\nExamples:\n  everynode up\n  everynode up --nodes 50 -f my-agent.yaml\n  everynode up --once -o json | jq .available',
    );
}

function policiesCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('policies')
    .description('print the ValidatingAdmissionPolicies that keep rules up while no webhook answers')
    .action(async (flags: PoliciesFlags) => {
      const { printPolicies } = await import('./policies.ts');
      exit(await printPolicies(flags, terminal));
    })
    .addHelpText(
      'after',
      '\nExamples:\n  everynode policies | kubectl apply -f -\n  everynode policies --rule surge-host-port=deny --rule placement-unknown=off',
    );
  for (const option of policiesOptions()) command.addOption(option);
  return command;
}

function doctorCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('doctor')
    .description('say which node agents could not come back without the webhooks of all vendors, and why')
    .action(async (flags: DoctorFlags) => {
      const { doctor } = await import('./doctor/doctor.ts');
      exit(await doctor(flags, terminal));
    })
    .addHelpText(
      'after',
      '\nExit codes:\n  0  nothing found\n  1  something found, of --fail-on or worse\n  2  bad input\n  3  the cluster, or a part of it, could not be read, and nothing was found in the rest' +
        "\n\nExamples:\n  everynode doctor\n  everynode doctor -o wide --fail-on=error\n  everynode doctor -o json | jq -r '.findings[] | .check'",
    );
  for (const option of doctorOptions()) command.addOption(option);
  return command;
}

function rulesCommand(terminal: Terminal, exit: (code: number) => void): Command {
  return new Command('rules')
    .description('list the rules that audit and lint apply, or explain one')
    .argument('[rule]', 'one rule')
    .addOption(
      new Option('-o, --output <format>', 'how they are printed')
        .choices(['table', 'wide', 'json', 'yaml'])
        .default('table'),
    )
    .action(async (rule: string | undefined, flags: RulesFlags) => {
      const { printRules } = await import('./rules.ts');
      exit(printRules(rule, flags, terminal));
    })
    .addHelpText('after', '\nExamples:\n  everynode rules\n  everynode rules selector-overlap');
}
