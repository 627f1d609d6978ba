import { Option } from 'commander';
import { type DaemonSetFlags, daemonSetOptions } from '../daemonset-options.ts';

/** Options of `status`. */
export type StatusFlags = DaemonSetFlags & { readonly watch: boolean };

export const statusOptions = (): Option[] => [
  ...daemonSetOptions(),
  new Option('-w, --watch', 'go on showing changes until Ctrl-C').default(false),
];
