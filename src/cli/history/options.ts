import { Option } from 'commander';
import { type DaemonSetFlags, daemonSetOptions } from '../daemonset-options.ts';
import { wholeNumber } from '../options.ts';

/** Options of `history`. */
export type HistoryFlags = Omit<DaemonSetFlags, 'allNamespaces' | 'selector'>;

/** Options of `diff`. */
export type DiffFlags = HistoryFlags & { readonly from?: number; readonly to?: number };

/** One DaemonSet is looked at, so there is nothing to choose among. */
export const historyOptions = (): Option[] =>
  daemonSetOptions().filter(({ long }) => long !== '--all-namespaces' && long !== '--selector');

export const diffOptions = (): Option[] => [
  ...historyOptions(),
  new Option('--from <revision>', 'number of the older one (default: the one before --to)').argParser(
    wholeNumber(0),
  ),
  new Option('--to <revision>', 'number of the newer one (default: the current one)').argParser(
    wholeNumber(0),
  ),
];
