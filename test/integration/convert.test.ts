import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Everynode, eventually, TestCluster } from './harness.ts';

const run = promisify(execFile);
const MANIFESTS = join(import.meta.dirname, '../fixtures/manifests');
const NODES = ['a', 'b'];

let cluster: TestCluster;
let everynode: Everynode;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everynode-convert-'));
  cluster = await TestCluster.start();
  await cluster.local.addNodes(NODES.map((name) => ({ name })));
  everynode = await Everynode.own(cluster);
  await cluster.kubectl('create', 'namespace', 'monitoring');
});
afterAll(async () => {
  await everynode?.stop();
  await cluster?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function convert(file: string): Promise<string> {
  const { stdout } = await run(process.execPath, ['src/main.ts', 'convert', '-f', file]);
  const converted = join(folder, 'converted.yaml');
  await writeFile(converted, stdout);
  return converted;
}

describe('a manifest of the past', () => {
  test.each([
    ['fluentd.extensions-v1beta1.yaml', 'fluentd', 'default'],
    ['node-exporter.extensions-v1beta1.yaml', 'node-exporter', 'monitoring'],
  ])('%s is refused as it is, and rolls out when converted', async (file, name, namespace) => {
    const path = join(MANIFESTS, file);
    expect(await cluster.kubectlRefused('apply', '-f', path)).toContain('no matches for kind "DaemonSet"');
    const converted = await convert(path);
    await cluster.kubectl('apply', '-f', converted);
    await eventually(async () => {
      const { status, spec } = await cluster.daemonSet(name, namespace);
      expect(spec.updateStrategy?.type).toBe('OnDelete');
      expect(status).toMatchObject({ numberAvailable: NODES.length, updatedNumberScheduled: NODES.length });
    });
    await cluster.kubectl('delete', '-f', converted);
    expect(await cluster.kubectl('apply', '--server-side', '-f', converted)).toContain('serverside-applied');
    await eventually(async () => {
      const { status } = await cluster.daemonSet(name, namespace);
      expect(status).toMatchObject({ numberAvailable: NODES.length });
    });
  });

  test('with all that has been replaced, the API server takes every field', async () => {
    const path = join(MANIFESTS, 'everything-replaced.extensions-v1beta1.yaml');
    const converted = await convert(path);
    // Strict: a field that does not exist is refused.
    const { stderr } = await cluster.kubectlAll(
      'apply',
      '--server-side',
      '--validate=strict',
      '-f',
      converted,
    );
    expect(stderr).not.toContain('Warning');
    const { spec } = await cluster.daemonSet('agent', 'kube-system');
    expect(spec.template.spec).toMatchObject({
      priorityClassName: 'system-node-critical',
      serviceAccountName: 'agent',
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      tolerations: [
        { key: 'node-role.kubernetes.io/master', effect: 'NoSchedule' },
        { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
        { key: 'CriticalAddonsOnly', operator: 'Exists' },
      ],
      containers: [{ securityContext: { appArmorProfile: { type: 'Unconfined' } } }],
    });
    expect(await readFile(converted, 'utf8')).toContain('# counted by hand');
  });
});
