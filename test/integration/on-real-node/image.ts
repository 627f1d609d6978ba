import { expect, test } from 'vitest';
import { version } from '../../../src/cli/version.ts';
import { NAMESPACE } from '../chart/template.ts';
import { eventually, type RawPod, type TestCluster } from '../harness.ts';
import { REAL_NODE } from '../real-node.ts';

type Started = () => { readonly cluster: TestCluster; readonly image: string };

/** The image of our Dockerfile in pods of its own, under the strictest of the Pod Security Standards. */
export function imageTests(started: Started): void {
  async function printed(
    name: string,
    args: readonly string[],
    command?: readonly string[],
  ): Promise<string> {
    const { cluster, image } = started();
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        nodeName: REAL_NODE,
        restartPolicy: 'Never',
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'everynode',
            image,
            args,
            ...(command && { command }),
            securityContext: {
              readOnlyRootFilesystem: true,
              allowPrivilegeEscalation: false,
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      },
    });
    await eventually(async () => {
      const { status } = await cluster.json<RawPod>('get', 'pod', name, '-n', NAMESPACE);
      expect(status.phase).toBe('Succeeded');
    });
    const log = await cluster.kubectl('logs', name, '-n', NAMESPACE);
    await cluster.kubectl('delete', 'pod', name, '-n', NAMESPACE, '--wait=false');
    return log;
  }

  test('the image says its version, as nobody and with nothing to write to', async () => {
    expect((await printed('version', ['--version'])).trim()).toBe(version());
  });

  test('the image has no shell and none of the tools that it was built with', async () => {
    const script = `
      const { readdirSync } = require('node:fs');
      const names = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/app']
        .flatMap((folder) => readdirSync(folder).map((name) => folder + '/' + name));
      console.log(JSON.stringify(names));`;
    const names: unknown = JSON.parse(await printed('look', ['-e', script], ['/usr/local/bin/node']));
    expect(names).toEqual(['/usr/local/bin/node', '/app/dist', '/app/package.json']);
  });
}
