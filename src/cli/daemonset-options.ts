import { Option } from 'commander';
import { type ClusterFlags, clusterOptions } from './options.ts';
import { type OutputFormat, outputOption } from './output.ts';

/** Options of every command that looks at DaemonSets. */
export type DaemonSetFlags = Omit<ClusterFlags, 'logLevel'> & {
  readonly namespace?: string;
  readonly allNamespaces: boolean;
  readonly selector?: string;
  readonly output: OutputFormat;
};

/** Which cluster, which DaemonSets in it, and how they are printed. */
export const daemonSetOptions = (): Option[] => [
  ...clusterOptions(),
  new Option('-n, --namespace <name>', "namespace to look in (default: that of the kubeconfig's context)"),
  new Option('-A, --all-namespaces', 'look in all namespaces').default(false),
  new Option('-l, --selector <query>', 'only DaemonSets with these labels, as in kubectl -l'),
  outputOption('how the answer is printed'),
];
