import { Option } from 'commander';
import { FAIL_ON, type FailOn } from '../../core/severity.ts';
import { type ClusterFlags, clusterOptions, DEFAULT_LEASE_NAME, DEFAULT_NAMESPACE } from '../options.ts';

/** Options of `doctor`. */
export type DoctorFlags = Omit<ClusterFlags, 'logLevel'> & {
  readonly output: 'table' | 'wide' | 'json' | 'yaml';
  readonly failOn: FailOn;
  readonly namespace: string;
  readonly leaseName: string;
  readonly configurationName: string;
};

export const doctorOptions = (): Option[] => [
  ...clusterOptions(),
  new Option('-o, --output <format>', 'how findings are printed')
    .choices(['table', 'wide', 'json', 'yaml'])
    .default('table'),
  new Option('--fail-on <severity>', 'least severity of a finding that makes the exit code 1')
    .choices(FAIL_ON)
    .default('warning'),
  new Option('--namespace <name>', 'namespace of everynode').default(DEFAULT_NAMESPACE),
  new Option('--lease-name <name>', 'Lease of its sync loop').default(DEFAULT_LEASE_NAME),
  new Option('--configuration-name <name>', 'name of its two WebhookConfigurations').default('everynode'),
];
