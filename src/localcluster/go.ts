import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Environment } from './environment.ts';
import { LocalClusterError, tail } from './errors.ts';

const run = promisify(execFile);
const MIN_GO = [1, 26] as const;
const REMEDY =
  `install Go ${MIN_GO.join('.')} or newer (https://go.dev/dl), or point KUBEBUILDER_ASSETS at a folder with ` +
  'etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl and kwok';

/**
 * Checks the Go that would build in the folder: its go.mod can make Go fetch a newer toolchain by itself.
 *
 * @throws LocalClusterError when Go is missing, does not work or is too old.
 */
export async function assertGo(folder: string, env: Environment): Promise<void> {
  const version = await goVersion(folder, env);
  if (!isNewEnough(version)) {
    throw new LocalClusterError(
      `the control plane has to be built once, and Go ${version} is too old; ${REMEDY}`,
    );
  }
}

async function goVersion(cwd: string, env: Environment): Promise<string> {
  try {
    const { stdout } = await run('go', ['env', 'GOVERSION'], { cwd, env: { ...env } });
    return stdout.trim().replace(/^go/, '');
  } catch (error) {
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string };
    const why = code === 'ENOENT' ? 'Go is missing' : 'Go does not work';
    const words = stderr ? `. Go said:\n${tail(stderr)}` : '';
    throw new LocalClusterError(`the control plane has to be built once, and ${why}; ${REMEDY}${words}`, {
      cause: error,
    });
  }
}

/** Whether Go of that version, such as `1.26.8` or `1.27rc1`, can build the modules. */
export function isNewEnough(version: string): boolean {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (version.startsWith('devel')) return true;
  return Number(major) > MIN_GO[0] || (Number(major) === MIN_GO[0] && Number(minor) >= MIN_GO[1]);
}
