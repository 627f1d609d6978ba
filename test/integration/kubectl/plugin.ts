import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { TestCluster } from '../harness.ts';

type Ran = { readonly code: number; readonly out: string; readonly err: string };

/**
 * `kubectl everynode …` by the real kubectl, which finds the built program on its PATH as `npm install -g` puts it
 * there. The cluster has the DaemonSet `agent` in the namespace `default`.
 */
export function pluginTests(started: () => TestCluster): void {
  let bin: string;

  beforeAll(async () => {
    bin = join(started().local.dataDir, 'bin');
    await mkdir(bin);
    const packed = JSON.parse(await readFile('package.json', 'utf8')) as { bin: Record<string, string> };
    const program = resolve(packed.bin['kubectl-everynode'] ?? '');
    await chmod(program, 0o755);
    await symlink(program, join(bin, 'kubectl-everynode'));
  });

  /** Without a kubeconfig but the one that is given. */
  function kubectl(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
    const { dataDir, binaries } = started().local;
    const PATH = [bin, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);
    return new Promise((done) => {
      execFile(binaries.kubectl, args, { env: { PATH, HOME: dataDir, ...env } }, (error, out, err) => {
        done({ code: error ? Number(error.code) : 0, out, err });
      });
    });
  }

  const everynode = (...args: readonly string[]): Promise<Ran> =>
    kubectl(['everynode', ...args], { KUBECONFIG: started().local.kubeconfigPath });

  const AGENT = /^(default\/)?agent +/m;

  test('kubectl lists the plugin, and has nothing against it', async () => {
    const { out, err } = await kubectl(['plugin', 'list']);
    expect(out).toContain(join(bin, 'kubectl-everynode'));
    expect(err).not.toContain('warning');
  });

  test('kubectl everynode status looks where kubectl does: $KUBECONFIG, and its namespace', async () => {
    const { code, out } = await everynode('status');
    expect(code).toBe(0);
    expect(out).toMatch(AGENT);
    expect((await everynode('status', '-n', 'kube-system')).out).not.toMatch(AGENT);
    expect((await everynode('status', '-A')).out).toMatch(AGENT);
  });

  test('kubectl everynode takes -l, and hands on the exit code', async () => {
    await started().kubectl('label', 'daemonset', 'agent', 'team=infra');
    expect((await everynode('status', '-l', 'team=infra')).out).toMatch(AGENT);
    expect((await everynode('status', '-A', '-l', 'team notin (infra)')).out).not.toMatch(AGENT);
    const missing = await everynode('status', 'nobody');
    expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('no DaemonSet nobody') });
    expect((await everynode('audit', '-A', '-l', 'team=infra')).code).toBe(1);
    expect((await everynode('audit', '-l', 'team=others')).code).toBe(0);
  });

  test('kubectl everynode takes --kubeconfig and --context before $KUBECONFIG', async () => {
    const { kubeconfigPath, dataDir } = started().local;
    const flag = await kubectl(['everynode', 'status', '--kubeconfig', kubeconfigPath], {
      KUBECONFIG: '/nowhere',
    });
    expect(flag.out).toMatch(AGENT);
    const other = join(dataDir, 'other.kubeconfig');
    await writeFile(
      other,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'other',
        contexts: [{ name: 'other', context: { cluster: 'other', user: 'other' } }],
        clusters: [{ name: 'other', cluster: { server: 'https://127.0.0.1:1' } }],
        users: [{ name: 'other', user: { token: 'none' } }],
      }),
    );
    const env = { KUBECONFIG: [other, kubeconfigPath].join(delimiter) };
    expect((await kubectl(['everynode', 'status'], env)).code).toBe(3);
    const name = await started().kubectl('config', 'current-context');
    const { code, out } = await kubectl(['everynode', 'status', '--context', name.trim()], env);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(AGENT) });
  });
}
