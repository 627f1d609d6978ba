import { Option } from 'commander';
import { type DaemonSetFlags, daemonSetOptions } from '../daemonset-options.ts';
import { wholeNumber } from '../options.ts';

/** Options of `explain`. */
export type ExplainFlags = DaemonSetFlags & {
  readonly config?: string;
  /** 0: all. */
  readonly nodeLimit: number;
};

export const explainOptions = (): Option[] => [
  ...daemonSetOptions(),
  new Option('--config <file>', 'AdmissionConfiguration, whose extra tolerations count'),
  new Option('--node-limit <n>', 'nodes that -o wide lists at most; 0 for all')
    .default(100)
    .argParser(wholeNumber(0)),
];
