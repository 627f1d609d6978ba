import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PAUSE_IMAGE } from '../../../src/localcluster/real-node/configuration.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { recordingTerminal } from '../../cli/recording-terminal.ts';
import { daemonSet, eventually, isReady, type RawPod, type TestCluster } from '../harness.ts';
import { REAL_NODE } from '../real-node.ts';

type MirrorPod = RawPod & {
  metadata: { annotations?: Record<string, string>; ownerReferences?: { kind: string }[] };
  spec: { affinity?: unknown; tolerations?: { effect?: string }[] };
};

const NAME = 'doubled';
const MIRROR = `${NAME}-${REAL_NODE}`;

/** A DaemonSet as a static Pod of a real kubelet, beside the sync loop and the webhooks. */
export function staticPodTests(started: () => TestCluster): void {
  async function staticPods(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
    const terminal = recordingTerminal();
    const { kubeconfigPath } = started().local;
    const code = await runProgram(['static-pods', ...args, `--kubeconfig=${kubeconfigPath}`], terminal);
    return { code, out: terminal.stdout.text, err: terminal.stderr.text };
  }

  const manifest = (): string => join(started().local.realNode.manifestsFolder, `${NAME}.yaml`);
  const mirror = (): Promise<MirrorPod> => started().json<MirrorPod>('get', 'pod', MIRROR);
  /** Of the DaemonSet alone: the mirror pod has the same labels. */
  const daemonPods = async (): Promise<readonly RawPod[]> =>
    (await started().pods(NAME)).filter(
      ({ metadata }) => metadata.name !== MIRROR && metadata.deletionTimestamp === undefined,
    );

  test('static-pods renders what a kubelet runs', async () => {
    const cluster = started();
    const containers = [{ name: 'agent', image: PAUSE_IMAGE }];
    const nodeSelector = { 'kubernetes.io/hostname': REAL_NODE };
    await cluster.apply(daemonSet(NAME, { pod: { containers, nodeSelector } }));
    await eventually(async () => expect((await daemonPods()).map(isReady)).toEqual([true]));
    expect(await staticPods()).toMatchObject({ code: 0 });
    const { code, out, err } = await staticPods(NAME, `--for-node=${REAL_NODE}`);
    expect(code).toBe(0);
    expect(err).toContain('left out, for no scheduler is asked: nodeSelector');
    await writeFile(manifest(), out);
    await eventually(async () => expect(isReady(await mirror())).toBe(true));
    const { metadata, spec } = await mirror();
    expect(metadata.annotations).toHaveProperty(['kubernetes.io/config.mirror']);
    expect(spec.affinity).toBeUndefined();
  });

  test('static-pods finds the double, and names DaemonSet, image and pod', async () => {
    const { code, out } = await staticPods();
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`^default/${NAME} +pause +1 +default/${MIRROR}$`, 'm'));
    const { duplicates } = JSON.parse((await staticPods('-o', 'json')).out) as { duplicates: object[] };
    expect(duplicates).toContainEqual({
      daemonSet: `default/${NAME}`,
      repository: 'pause',
      pods: [{ name: MIRROR, namespace: 'default', node: REAL_NODE }],
    });
  });

  test('a mirror pod is neither adopted nor counted nor deleted, though the selector fits', async () => {
    const cluster = started();
    const before = await mirror();
    const [old] = await daemonPods();
    await cluster.kubectl('delete', 'pod', old!.metadata.name, '--wait=false');
    await eventually(async () => {
      const [pod, ...more] = await daemonPods();
      expect(more).toEqual([]);
      expect(pod && pod.metadata.uid !== old!.metadata.uid && isReady(pod)).toBe(true);
      expect((await cluster.daemonSet(NAME)).status).toMatchObject({
        desiredNumberScheduled: 1,
        currentNumberScheduled: 1,
        numberReady: 1,
        numberMisscheduled: 0,
      });
    });
    const after = await mirror();
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.metadata.ownerReferences).toMatchObject([{ kind: 'Node' }]);
    await cluster.kubectl('delete', 'daemonset', NAME, '--cascade=foreground');
    expect((await mirror()).metadata).toMatchObject({ uid: before.metadata.uid });
    expect((await mirror()).metadata).not.toHaveProperty('deletionTimestamp');
    await rm(manifest());
    await eventually(() => expect(mirror()).rejects.toThrow('not found'));
  });
}
