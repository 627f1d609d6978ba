import { Option } from 'commander';
import { type DaemonSetFlags, daemonSetOptions } from '../daemonset-options.ts';

/** Options of `static-pods`. */
export type StaticPodFlags = DaemonSetFlags & { readonly forNode?: string };

export const staticPodOptions = (): Option[] => [
  ...daemonSetOptions(),
  new Option(
    '--for-node <name>',
    'node whose kubelet is to run it: it is checked that the DaemonSet has a pod there',
  ),
];
