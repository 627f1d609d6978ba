import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Agent, request } from 'undici';
import { expect, test } from 'vitest';
import type { NodeAnswer } from '../../../src/dashboard/wire.ts';
import { NAMESPACE, RELEASE } from '../chart/template.ts';
import type { TestCluster } from '../harness.ts';
import { REAL_NODE } from '../real-node.ts';

/** The chart's dashboard, as the notes of the release say how one gets there. */
export function dashboardTests(started: () => TestCluster): void {
  test('the dashboard is reached by a forwarded port, and shows its own node to whoever may list DaemonSets', async () => {
    const cluster = started();
    const token = async (name: string, namespace: string): Promise<string> =>
      (await cluster.kubectl('create', 'token', name, '-n', namespace)).trim();
    const forwarded = await forward(cluster);
    // Nobody knows the certificate that it makes at its start.
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
    const get = (path: string, bearer = ''): ReturnType<typeof request> =>
      request(`https://localhost:${forwarded.port}${path}`, {
        dispatcher,
        headers: bearer === '' ? {} : { authorization: `Bearer ${bearer}` },
      });
    try {
      const page = await get('/');
      expect(await page.body.text()).toContain('<script type="module" src="page.js">');
      expect((await get('/page.js')).statusCode).toBe(200);
      const path = `/api/explain?node=${REAL_NODE}`;
      expect((await get(path)).statusCode).toBe(401);
      expect((await get(path, await token('default', 'default'))).statusCode).toBe(403);
      const answer = await get(path, await token(`${RELEASE}-dashboard`, NAMESPACE));
      const { daemonSets } = (await answer.body.json()) as NodeAnswer;
      expect(daemonSets).toContainEqual(
        expect.objectContaining({
          daemonSet: 'default/agent',
          eligible: true,
          pods: [expect.objectContaining({ state: 'Available', current: true })],
        }),
      );
    } finally {
      await dispatcher.destroy();
      await forwarded.stop();
    }
  });
}

/** `kubectl port-forward` to the Service, on a port that is free. */
async function forward(
  cluster: TestCluster,
): Promise<{ readonly port: number; readonly stop: () => Promise<void> }> {
  const { binaries, kubeconfigPath } = cluster.local;
  const where = ['-n', NAMESPACE, `service/${RELEASE}-dashboard`, ':443'];
  const child = spawn(binaries.kubectl, [`--kubeconfig=${kubeconfigPath}`, 'port-forward', ...where], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    const [, port] = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line) ?? [];
    if (port === undefined) continue;
    const stop = (): Promise<void> => {
      child.kill();
      return closed;
    };
    return { port: Number(port), stop };
  }
  throw new Error('kubectl port-forward has ended');
}
