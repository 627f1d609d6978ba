import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LocalClusterError } from './errors.ts';

/** POSIX sh: makes the cgroup `$cgroup` in every hierarchy, be it one (version 2) or one for each controller. */
const MAKE_CGROUP = `
set -e
cd /sys/fs/cgroup
if [ -f cgroup.controllers ]; then
  for controller in $(cat cgroup.controllers); do
    echo "+$controller" > cgroup.subtree_control || true
  done
  mkdir "$cgroup"
else
  for hierarchy in */; do mkdir "$hierarchy$cgroup"; done
fi
`;

/**
 * POSIX sh: removes the cgroup `$cgroup` with all below it, from every hierarchy. They cannot be removed like other
 * folders, and not while processes are in them.
 */
export const REMOVE_CGROUP = `
for folder in "/sys/fs/cgroup/$cgroup" /sys/fs/cgroup/*/"$cgroup"; do
  [ ! -d "$folder" ] || find "$folder" -depth -type d -exec rmdir {} ';'
done
`;

/** @throws LocalClusterError when the system does not let us. */
export async function makeCgroup(name: string): Promise<void> {
  try {
    await sh(MAKE_CGROUP, name);
  } catch (error) {
    throw new LocalClusterError(`the cgroup /${name} for the real node cannot be made: ${String(error)}`, {
      cause: error,
    });
  }
}

/** Removes the cgroup with that name at the root of the hierarchies; one that does not exist is no failure. */
export function removeCgroup(name: string): Promise<void> {
  return sh(REMOVE_CGROUP, name);
}

async function sh(script: string, cgroup: string): Promise<void> {
  await promisify(execFile)('/bin/sh', ['-c', script], { env: { ...process.env, cgroup } });
}
