import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeCgroup, removeCgroup } from '../cgroups.ts';
import { Component } from '../component.ts';
import type { DataDir } from '../data-dir.ts';
import type { Environment } from '../environment.ts';
import { LocalClusterError } from '../errors.ts';
import { freeNetwork, type NodeNetwork } from './network.ts';

const run = promisify(execFile);

/** Folders that the node has of its own, because kubelet and containerd have paths in them that cannot be chosen. */
export const COVERED_FOLDERS: readonly string[] = ['/run', '/var/lib', '/var/log'];

const NEW_NAMESPACES = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];

/**
 * The first process in the node's namespaces. It waits to be told to end, and takes everything inside with it:
 * processes, mounts, network interfaces and rules.
 *
 * kubelet insists on some settings of the kernel that hold for the whole machine. It is shown what it wants to see,
 * so that it changes nothing.
 */
const INIT = `
set -eu
node=$1
shift
trap 'exit 0' TERM
mkdir -p "$node/sysctl"
for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \\
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
  name=\${setting%%=*}
  file="$node/sysctl/$(echo "$name" | tr / .)"
  echo "\${setting#*=}" > "$file"
  mount --bind "$file" "/proc/sys/$name"
done
for folder in "$@"; do
  mkdir -p "$node$folder"
  mount --bind "$node$folder" "$folder"
done
echo 1 > /proc/sys/net/ipv4/ip_forward
ip link set lo up
touch "$node/entered"
while :; do
  sleep 86400 &
  wait || true
done
`;

/** Namespaces of mounts, network and processes that make a machine of its own of what runs in them. */
export type NodeNamespaces = {
  readonly network: NodeNetwork;
  /** The command, as a program and arguments, that runs another one inside; that ends when the command is killed. */
  readonly enter: (...command: readonly string[]) => readonly [string, ...string[]];
  /** Kills all processes inside. The link stays, so that others hear of the end of their connections. */
  readonly killAll: () => Promise<void>;
  /** Ends everything inside, and waits until nothing of it is left; the link's address goes too. */
  readonly close: () => Promise<void>;
};

type NamespaceOptions = {
  readonly dataDir: DataDir;
  readonly env: Environment;
};

/**
 * Makes the namespaces and the link between them and this machine. Nothing that happens inside changes this
 * machine's mounts, routes or firewall; but for the folders that are covered, the files are the same.
 *
 * @throws LocalClusterError when the system refuses one of them.
 */
export async function openNamespaces({ dataDir, env }: NamespaceOptions): Promise<NodeNamespaces> {
  const folder = join(dataDir.path, 'node');
  await mkdir(join(dataDir.path, 'logs'), { recursive: true });
  await mkdir(folder, { recursive: true });
  const init = new Component({
    name: 'the first process of the real node',
    binary: 'unshare',
    args: [...NEW_NAMESPACES, 'sh', '-c', INIT, 'everynode-node', folder, ...COVERED_FOLDERS],
    env,
    logPath: join(dataDir.path, 'logs', 'node.log'),
    watchdog: dataDir.watchdog,
    probe: async () => {
      if (!existsSync(join(folder, 'entered'))) throw new LocalClusterError('it is not done with its mounts');
    },
    // The programs inside die with it, and are missed.
    onDeath: () => undefined,
    ended: new AbortController().signal,
  });
  await init.start();
  const { pid } = init;
  if (pid === undefined) throw new LocalClusterError('the first process of the real node died');
  const enter = (...command: readonly string[]): readonly [string, ...string[]] => [
    'nsenter',
    `--mount=/proc/${pid}/ns/mnt`,
    `--net=/proc/${pid}/ns/net`,
    `--pid=/proc/${pid}/ns/pid_for_children`,
    '--',
    'setpriv',
    '--pdeathsig',
    'KILL',
    ...command,
  ];
  const killAll = async (): Promise<void> => {
    // It fails when all have ended by themselves, and then all is well.
    await exec(enter('sh', '-c', 'kill -KILL -1'), env).catch(() => undefined);
  };
  const close = async (network?: NodeNetwork): Promise<void> => {
    const ended = init.stop();
    // unshare itself lets the signal pass: it waits for the first process, whose end is that of all the others.
    await exec(enter('sh', '-c', 'kill -TERM 1'), env).catch(() => undefined);
    await ended;
    if (network) await removeCgroup(network.name);
  };
  try {
    const network = await freeNetwork(async (range) => (await routesInto(range, env)) !== '');
    dataDir.watchdog.watchCgroup(network.name);
    await makeCgroup(network.name);
    await link(network, pid, enter, env);
    return { network, enter, killAll, close: () => close(network) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function link(
  { name, host, node, prefixLength, pods }: NodeNetwork,
  pid: number,
  enter: NodeNamespaces['enter'],
  env: Environment,
): Promise<void> {
  const ip = (...args: readonly string[]): Promise<unknown> => exec(['ip', ...args], env);
  const ipInside = (...args: readonly string[]): Promise<unknown> => exec(enter('ip', ...args), env);
  await ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
  await ip('address', 'add', `${host}/${prefixLength}`, 'dev', name);
  await ip('link', 'set', name, 'up');
  await ipInside('address', 'add', `${node}/${prefixLength}`, 'dev', 'eth0');
  await ipInside('link', 'set', 'eth0', 'up');
  await ipInside('route', 'add', 'default', 'via', host);
  await ip('route', 'add', pods, 'via', node, 'dev', name);
}

async function routesInto(range: string, env: Environment): Promise<string> {
  return (await exec(['ip', 'route', 'show', 'root', range], env)).trim();
}

async function exec([program, ...args]: readonly [string, ...string[]], env: Environment): Promise<string> {
  try {
    return (await run(program, args, { env: { ...env } })).stdout;
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string };
    throw new LocalClusterError(
      `the real node: "${program} ${args.join(' ')}" failed: ${stderr || String(error)}`,
      {
        cause: error,
      },
    );
  }
}
