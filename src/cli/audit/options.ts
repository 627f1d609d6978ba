import { Option } from 'commander';
import { FAIL_ON, type FailOn } from '../../core/severity.ts';
import { type ClusterFlags, clusterOptions } from '../options.ts';

/** How findings can be printed, by `audit` and by `lint`. */
export const FINDING_FORMATS = ['table', 'wide', 'json', 'yaml', 'sarif', 'junit', 'html'] as const;

/** Options of every command that reports findings of rules. */
export type FindingFlags = {
  readonly output: (typeof FINDING_FORMATS)[number] | 'policyreport' | 'openreports';
  readonly failOn: FailOn;
  readonly baseline?: string;
  readonly off: readonly string[];
};

/** Options of `audit`. */
export type AuditFlags = Omit<ClusterFlags, 'logLevel'> &
  FindingFlags & {
    readonly namespace?: string;
    readonly allNamespaces: boolean;
    readonly selector?: string;
    readonly config?: string;
    readonly write?: 'auto' | 'wgpolicy' | 'openreports';
  };

export const findingOptions = (formats: readonly string[]): Option[] => [
  new Option('-o, --output <format>', 'how findings are printed').choices(formats).default('table'),
  new Option('--fail-on <severity>', 'least severity of a finding that makes the exit code 1')
    .choices(FAIL_ON)
    .default('warning'),
  new Option('--baseline <file>', 'report only what is not in this file: the -o json of an earlier run'),
  new Option('--off <rule>', 'leave a rule out; may be given several times')
    .default([], 'none')
    .argParser((rule: string, rules: readonly string[]) => [...rules, rule]),
];

export const auditOptions = (): Option[] => [
  ...clusterOptions(),
  new Option('-n, --namespace <name>', 'look at one namespace only (default: all)'),
  new Option('-A, --all-namespaces', 'look at all namespaces, as without it').default(false),
  new Option(
    '-l, --selector <query>',
    'judge only DaemonSets with these labels, as in kubectl -l, beside all others',
  ),
  ...findingOptions([...FINDING_FORMATS, 'policyreport', 'openreports']),
  new Option('--config <file>', 'AdmissionConfiguration: rules that are off there are left out').env(
    'EVERYNODE_CONFIG',
  ),
  new Option(
    '--write <api>',
    'write reports to the cluster as well, one for each object: wgpolicy, openreports, or auto for the one that is installed',
  ).choices(['auto', 'wgpolicy', 'openreports']),
];
