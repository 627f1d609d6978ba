import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Environment } from '../environment.ts';
import { LocalClusterError } from '../errors.ts';
import { COVERED_FOLDERS } from './namespaces.ts';

const TOOLS = ['unshare', 'nsenter', 'setpriv', 'mount', 'ip', 'nft', 'tar'] as const;
const CNI_FOLDERS = ['/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni'];
const CNI_PLUGINS = ['ptp', 'host-local', 'portmap', 'loopback'];

/** What this system lacks for a real node, in words; empty when a node can be started. */
export function missingRequirements(env: Environment): readonly string[] {
  if (process.platform !== 'linux') return ['Linux'];
  const folders = toolFolders(env);
  const tools = TOOLS.filter((tool) => !folders.some((folder) => existsSync(join(folder, tool))));
  return [
    ...(process.getuid?.() === 0 ? [] : ['the rights of root']),
    ...(tools.length > 0 ? [`${tools.join(', ')} (Debian: iproute2, nftables, util-linux)`] : []),
    ...(cniFolder() === undefined
      ? [`the CNI plugins in ${CNI_FOLDERS.join(' or ')} (Debian: containernetworking-plugins)`]
      : []),
  ];
}

/**
 * Checks that the system can run a real node, and returns the folder of the CNI plugins.
 *
 * @param paths what the node reads: not to be in folders that it has of its own.
 * @throws LocalClusterError with all that is missing.
 */
export function assertRequirements(env: Environment, paths: readonly string[]): string {
  const missing = missingRequirements(env);
  const folder = cniFolder();
  if (missing.length > 0 || folder === undefined) {
    throw new LocalClusterError(`a real node needs ${missing.join('; ')}`);
  }
  const hidden = paths.find((path) => COVERED_FOLDERS.some((covered) => path.startsWith(`${covered}/`)));
  if (hidden !== undefined) {
    throw new LocalClusterError(
      `${hidden} cannot be seen by a real node, which has its own ${COVERED_FOLDERS.join(', ')}; ` +
        'choose other folders with TMPDIR and XDG_CACHE_HOME',
    );
  }
  return folder;
}

/** The environment with the folders of system tools in its PATH, which those of plain users lack. */
export function withSystemTools(env: Environment): Environment {
  return { ...env, PATH: toolFolders(env).join(delimiter) };
}

function toolFolders({ PATH = '' }: Environment): readonly string[] {
  return [...PATH.split(delimiter).filter(Boolean), '/usr/local/sbin', '/usr/sbin', '/sbin'];
}

function cniFolder(): string | undefined {
  return CNI_FOLDERS.find((folder) => CNI_PLUGINS.every((plugin) => existsSync(join(folder, plugin))));
}
