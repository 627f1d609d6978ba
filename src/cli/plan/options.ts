import { Option } from 'commander';
import { type ClusterFlags, clusterOptions } from '../options.ts';
import { type OutputFormat, outputOption } from '../output.ts';

/** Options of `plan`. */
export type PlanFlags = Omit<ClusterFlags, 'logLevel'> & {
  readonly filename: readonly string[];
  /** File with the nodes; no cluster is asked then. */
  readonly nodes?: string;
  readonly namespace?: string;
  readonly config?: string;
  readonly output: OutputFormat;
};

export const planOptions = (): Option[] => [
  new Option(
    '-f, --filename <file>',
    'manifest, folder of manifests, or - for stdin; may be given several times',
  )
    .makeOptionMandatory()
    .argParser((name: string, names: readonly string[] | undefined) => [...(names ?? []), name]),
  new Option(
    '--nodes <file>',
    'plan for these nodes, offline: the output of kubectl get nodes -o yaml',
  ).conflicts(['kubeconfig', 'context']),
  ...clusterOptions(),
  new Option(
    '-n, --namespace <name>',
    "namespace of what names none (default: that of the kubeconfig's context)",
  ),
  new Option('--config <file>', 'AdmissionConfiguration, whose extra tolerations count'),
  outputOption('how the plan is printed'),
];
