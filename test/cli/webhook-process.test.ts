import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Exchange } from '../fakes/api-server.ts';
import { fixture, Webhook } from '../webhook/harness.ts';
import { openServer, temporaryFolder } from './kubeconfig.ts';

type LogLine = { readonly msg: string; readonly port?: number };

/** A watch that says at once that there is nothing. */
function emptyWatch(exchange: Exchange): void {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  exchange.send({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '1', annotations } } });
}

/** `everynode webhook` as a process of its own, and what it logs. */
async function started(...args: readonly string[]): Promise<{
  readonly port: number;
  readonly statusPort: number;
  readonly ca: string;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly exited: Promise<number | null>;
}> {
  const { server, kubeconfig } = await openServer();
  for (const path of [
    '/api/v1/pods',
    '/api/v1/nodes',
    '/api/v1/replicationcontrollers',
    '/apis/batch/v1/jobs',
  ]) {
    server.on(`GET ${path}`, emptyWatch);
  }
  for (const kind of ['daemonsets', 'controllerrevisions', 'deployments', 'replicasets', 'statefulsets']) {
    server.on(`GET /apis/apps/v1/${kind}`, emptyWatch);
  }
  const certDir = join(await temporaryFolder(), 'certs');
  const given = [
    `--kubeconfig=${kubeconfig}`,
    `--cert-dir=${certDir}`,
    '--port=0',
    '--register=none',
    '--metrics-bind-address=127.0.0.1:0',
  ];
  const child = spawn(process.execPath, ['src/main.ts', 'webhook', ...given, ...args], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines: LogLine[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(JSON.parse(line) as LogLine));
  const portOf = (msg: string): Promise<number> =>
    vi.waitFor(() => lines.find((line) => line.msg === msg)?.port ?? expect.fail(`no log line: ${msg}`), {
      timeout: 30_000,
    });
  const statusPort = await portOf('serving metrics');
  const port = await portOf('serving admission');
  const ca = await readFile(join(certDir, 'ca.crt'), 'utf8');
  return { port, statusPort, ca, signal: (name) => void child.kill(name), exited };
}

it('turns unready at SIGTERM, still answers during the delay, finishes what is in hand, and ends with 0', async () => {
  const { port, statusPort, ca, signal, exited } = await started('--shutdown-delay=2');
  const readiness = async (): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${statusPort}/readyz`);
    return `${response.status} ${await response.text()}`;
  };
  await vi.waitFor(async () => expect(await readiness()).toBe('200 ok\n'), { timeout: 10_000 });
  const review = JSON.stringify(fixture('pod-named-by-annotation'));
  const head = `POST /mutate HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(review)}\r\n\r\n`;
  const open = async (): Promise<ReturnType<typeof connect>> => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    return socket;
  };
  const slow = await open();
  slow.write(head + review.slice(0, -1));

  signal('SIGTERM');
  await vi.waitFor(async () =>
    expect(await readiness()).toBe('503 waiting for the requests in hand, to stop\n'),
  );
  // No endpoint has been taken away yet, so others still come.
  const late = await open();
  late.write(head + review);
  const lateAnswer = await Webhook.untilEnd(late);
  expect(lateAnswer).toMatch(/^HTTP\/1\.1 200 /);
  expect(lateAnswer).toMatch(/connection: close/i);

  await vi.waitFor(() => expect(open()).rejects.toThrow(/ECONNREFUSED/), { timeout: 10_000 });
  const answer = Webhook.untilEnd(slow);
  slow.write(review.slice(-1));
  expect(await answer).toMatch(/^HTTP\/1\.1 200 .*"patchType":"JSONPatch"/s);
  expect(await exited).toBe(0);
}, 60_000);

it('shows at its metrics address what it answered', async () => {
  const { port, statusPort, ca, signal, exited } = await started();
  const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${statusPort}/metrics`)).text();
  const sample = 'everynode_admission_requests_total{phase="mutate",kind="Pod",operation="CREATE"';
  expect(await metrics()).not.toContain(sample);
  const review = JSON.stringify(fixture('pod-named-by-annotation'));
  const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' });
  socket.write(
    `POST /mutate HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(review)}\r\n\r\n${review}`,
  );
  expect(await Webhook.untilEnd(socket)).toMatch(/^HTTP\/1\.1 200 /);
  expect(await metrics()).toContain(`${sample},verdict="patched"} 1\n`);
  signal('SIGTERM');
  expect(await exited).toBe(0);
}, 60_000);
