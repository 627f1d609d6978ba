import { Command } from 'commander';
import { type ExplainFlags, explainOptions } from './explain/options.ts';
import { type DiffFlags, diffOptions, type HistoryFlags, historyOptions } from './history/options.ts';
import { type PlanFlags, planOptions } from './plan/options.ts';
import { untilSignalled } from './signals.ts';
import { type StaticPodFlags, staticPodOptions } from './static-pods/options.ts';
import { type StatusFlags, statusOptions } from './status/options.ts';
import type { Terminal } from './terminal.ts';

const EXIT_CODES =
  '\nExit codes:\n  0  answered\n  2  bad input\n  3  the cluster, or a part of it, could not be read';

/** Commands that look at DaemonSets and change nothing. */
export function examiningCommands(terminal: Terminal, exit: (code: number) => void): readonly Command[] {
  return [
    explainCommand(terminal, exit),
    planCommand(terminal, exit),
    statusCommand(terminal, exit),
    historyCommand(terminal, exit),
    diffCommand(terminal, exit),
    endpointsCommand(terminal, exit),
    staticPodsCommand(terminal, exit),
  ];
}

function explainCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('explain')
    .description('say node by node why a DaemonSet has a pod there or not, and what would turn that')
    .argument('[daemonset]', 'its name, or pod/NAME for one of its pods (default: every DaemonSet)')
    .argument('[node]', 'the one node to explain')
    .action(async (target: string | undefined, node: string | undefined, flags: ExplainFlags) => {
      const { explain } = await import('./explain/explain.ts');
      exit(await explain(target, node, flags, terminal));
    })
    .addHelpText(
      'after',
      `${EXIT_CODES}\n\nExamples:\n  everynode explain fluentd -n kube-system\n  everynode explain fluentd node-7 -n kube-system\n` +
        "  everynode explain pod/fluentd-x7k2p -n kube-system\n  everynode explain -A -o json | jq '.daemonSets[] | select(.served < .eligible)'",
    );
  for (const option of explainOptions()) command.addOption(option);
  return command;
}

function planCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('plan')
    .description(
      'say what applying a DaemonSet would do: to which nodes, in which steps, and where it would not work',
    )
    .action(async (flags: PlanFlags) => {
      const { plan } = await import('./plan/plan.ts');
      exit(await plan(flags, process.stdin, terminal));
    })
    .addHelpText(
      'after',
      `
The API server completes the manifest in a dry run, as for kubectl apply; nothing is stored. With --nodes no cluster
is asked, and nodes have no pods yet.

Exit codes:
  0  it would work
  1  it would not, or not everywhere: refused, no room, ports that clash, a rollout that stands still
  2  bad input
  3  the cluster, or a part of it, could not be read

Examples:
  everynode plan -f agent.yaml
  everynode plan -f - -n kube-system < agent.yaml
  everynode plan -f agent.yaml --nodes nodes.yaml -o wide`,
    );
  for (const option of planOptions()) command.addOption(option);
  return command;
}

function statusCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('status')
    .description('show all DaemonSets at a glance: how far each rollout is, and what is wrong')
    .argument('[daemonset]', 'its name (default: every DaemonSet)')
    .action(async (target: string | undefined, flags: StatusFlags) => {
      const { status } = await import('./status/status.ts');
      const signal = flags.watch ? untilSignalled() : new AbortController().signal;
      exit(await status(target, flags, terminal, signal));
    })
    .addHelpText(
      'after',
      `${EXIT_CODES}\n\nExamples:\n  everynode status -A\n  everynode status fluentd -n kube-system --watch\n  everynode status -A -o json | jq '.daemonSets[] | select(.numberUnavailable > 0)'`,
    );
  for (const option of statusOptions()) command.addOption(option);
  return command;
}

function historyCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('history')
    .description('list the revisions of a DaemonSet: since when, by whom, and on how many pods')
    .argument('<daemonset>', 'its name')
    .action(async (target: string, flags: HistoryFlags) => {
      const { history } = await import('./history/history.ts');
      exit(await history(target, flags, terminal));
    })
    .addHelpText(
      'after',
      `${EXIT_CODES}\n\nExamples:\n  everynode history fluentd -n kube-system\n  everynode history fluentd -n kube-system -o wide`,
    );
  for (const option of historyOptions()) command.addOption(option);
  return command;
}

function diffCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('diff')
    .description('show where the pod templates of two revisions of a DaemonSet differ')
    .argument('<daemonset>', 'its name')
    .action(async (target: string, flags: DiffFlags) => {
      const { diff } = await import('./history/history.ts');
      exit(await diff(target, flags, terminal));
    })
    .addHelpText(
      'after',
      `${EXIT_CODES.replace('answered', 'they are the same\n  1  they differ')}\n\nExamples:\n  everynode diff fluentd -n kube-system\n  everynode diff fluentd -n kube-system --from 3 --to 5`,
    );
  for (const option of diffOptions()) command.addOption(option);
  return command;
}

function endpointsCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('endpoints')
    .description('say how the pods of a DaemonSet are reached: by address, host port and Service')
    .argument('<daemonset>', 'its name')
    .action(async (target: string, flags: HistoryFlags) => {
      const { endpoints } = await import('./endpoints/endpoints.ts');
      exit(await endpoints(target, flags, terminal));
    })
    .addHelpText(
      'after',
      `${EXIT_CODES}\n\nExamples:\n  everynode endpoints node-exporter -n monitoring\n  everynode endpoints node-exporter -n monitoring -o json | jq -r '.pods[].podIP'`,
    );
  for (const option of historyOptions()) command.addOption(option);
  return command;
}

function staticPodsCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('static-pods')
    .description('render a DaemonSet as a static Pod, or find static Pods that do what a DaemonSet does')
    .argument('[daemonset]', 'name of a stored DaemonSet, a file, a folder, or - (default: find duplicates)')
    .action(async (target: string | undefined, flags: StaticPodFlags) => {
      const { staticPods } = await import('./static-pods/static-pods.ts');
      exit(await staticPods(target, flags, process.stdin, terminal));
    })
    .addHelpText(
      'after',
      `
Exit codes:
  0  rendered, or no duplicates
  1  a kubelet would not run it, or there are duplicates
  2  bad input
  3  the cluster, or a part of it, could not be read

Examples:
  everynode static-pods -A
  everynode static-pods kube-proxy -n kube-system --for-node node-7 > /etc/kubernetes/manifests/kube-proxy.yaml
  everynode static-pods agent.yaml`,
    );
  for (const option of staticPodOptions()) command.addOption(option);
  return command;
}
