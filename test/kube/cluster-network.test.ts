import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect as connectTo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { loadCluster } from '../../src/kube/cluster.ts';
import { UnreachableError } from '../../src/kube/errors.ts';
import { createTransport, type Transport } from '../../src/kube/transport.ts';
import { type Certificates, ensureCertificates } from '../../src/tls/certificates.ts';
import { FakeApiServer } from '../fakes/api-server.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { kubeconfigOf, temporaryFolder, write } from './kubeconfig-harness.ts';

const GET = { method: 'GET', path: '/x' } as const;
/** Is not tried again. */
const DELETE = { method: 'DELETE', path: '/x' } as const;

async function serving(tls?: Certificates): Promise<FakeApiServer> {
  const server = await FakeApiServer.start(tls);
  onTestFinished(() => server.close());
  for (const { method, path } of [GET, DELETE])
    server.on(`${method} ${path}`, (exchange) => exchange.answer({}));
  return server;
}

async function transportTo(
  { url }: Pick<FakeApiServer, 'url'>,
  cluster: object = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Transport> {
  const kubeconfig = await write(kubeconfigOf({ a: { server: url, cluster, user: { token: 't' } } }));
  const transport = createTransport(await loadCluster({ kubeconfig, env }), {
    logger: recordingLogger(),
  });
  onTestFinished(() => transport.close());
  return transport;
}

async function newCertificates(): Promise<Certificates> {
  const dir = await mkdtemp(join(tmpdir(), 'everynode-kube-'));
  const names = { dnsNames: ['api.internal'], ipAddresses: ['127.0.0.1'] };
  try {
    return await ensureCertificates({ dir, now: Date.now(), ...names });
  } finally {
    await rm(dir, { recursive: true });
  }
}

const data = (pem: string): string => Buffer.from(pem).toString('base64');

it('200 requests share a few connections', async () => {
  const server = await serving();
  const transport = await transportTo(server);
  for (let at = 0; at < 200; at += 1) await transport.request(GET);
  expect(server.requests).toHaveLength(200);
  expect(server.connections).toBeLessThanOrEqual(2);
});

describe('with TLS', () => {
  let own: Certificates;
  let other: Certificates;
  beforeAll(async () => {
    [own, other] = [await newCertificates(), await newCertificates()];
  });

  it('the server is trusted that the authority vouches for, over connections that are kept', async () => {
    const server = await serving(own);
    const transport = await transportTo(server, { 'certificate-authority-data': data(own.ca) });
    for (let at = 0; at < 50; at += 1) await transport.request(GET);
    expect(server.connections).toBeLessThanOrEqual(2);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer t');
  });

  it('the authority may be in a file beside the kubeconfig', async () => {
    const server = await serving(own);
    const folder = await temporaryFolder();
    await write(own.ca, folder, 'ca.crt');
    const cluster = { 'certificate-authority': 'ca.crt' };
    const kubeconfig = await write(kubeconfigOf({ a: { server: server.url, cluster } }), folder);
    const transport = createTransport(await loadCluster({ kubeconfig, env: {} }), {
      logger: recordingLogger(),
    });
    onTestFinished(() => transport.close());
    expect(await transport.request(GET)).toEqual({});
  });

  it.each([
    ['another authority', () => ({ 'certificate-authority-data': data(other.ca) })],
    ['no authority', () => ({})],
    ['another name', () => ({ 'certificate-authority-data': data(own.ca), 'tls-server-name': 'elsewhere' })],
  ])('no credentials are sent to a server for which there is %s', async (_, cluster) => {
    const server = await serving(own);
    const transport = await transportTo(server, cluster());
    await expect(transport.request(DELETE)).rejects.toThrow(UnreachableError);
    expect(server.requests).toEqual([]);
  });

  it.each([
    [
      'by the name that the kubeconfig says',
      () => ({ 'certificate-authority-data': data(own.ca), 'tls-server-name': 'api.internal' }),
    ],
    ['without asking when the kubeconfig says so', () => ({ 'insecure-skip-tls-verify': true })],
  ])('a server is trusted %s', async (_, cluster) => {
    const transport = await transportTo(await serving(own), cluster());
    expect(await transport.request(GET)).toEqual({});
  });

  it('the proxy of the kubeconfig is passed through, and sees nothing', async () => {
    const { url, passed } = await proxying();
    const server = await serving(own);
    const authority = { 'certificate-authority-data': data(own.ca) };
    const transport = await transportTo(
      server,
      { ...authority, 'proxy-url': url },
      { HTTPS_PROXY: 'http://127.0.0.1:1' },
    );
    expect(await transport.request(GET)).toEqual({});
    expect(passed).toEqual([[new URL(server.url).host, undefined]]);
  });

  it('the proxy of the environment is passed through, which alone knows the server by name', async () => {
    const { url, passed } = await proxying();
    const { port } = new URL((await serving(own)).url);
    const server = { url: `https://api.internal:${port}` };
    const authority = { 'certificate-authority-data': data(own.ca) };
    const transport = await transportTo(server, authority, { HTTPS_PROXY: url });
    expect(await transport.request(GET)).toEqual({});
    expect(passed).toEqual([[`api.internal:${port}`, undefined]]);
  });

  it('a proxy that does not answer is named, without its password', async () => {
    const server = { url: 'https://api.internal:6443' };
    const transport = await transportTo(server, {}, { HTTPS_PROXY: 'http://user:secret@127.0.0.1:1' });
    const refused: unknown = await transport.request(DELETE).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UnreachableError);
    expect(String(refused)).toMatch(
      /api\.internal:6443 cannot be reached through the proxy 127\.0\.0\.1:1 \(\$HTTPS_PROXY\): .*ECONNREFUSED/,
    );
    expect(String(refused)).not.toContain('secret');
  });
});

/** A proxy that lets everything through, to this machine whatever the name. */
async function proxying(): Promise<{ readonly url: string; readonly passed: readonly unknown[] }> {
  const passed: unknown[] = [];
  const proxy = createServer().on('connect', ({ url, headers }, socket) => {
    passed.push([url, headers.authorization]);
    const target = connectTo(Number(String(url).split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    for (const end of [target, socket])
      end.on('error', () => [target, socket].forEach((one) => one.destroy()));
    onTestFinished(() => [target, socket].forEach((one) => void one.destroy()));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, passed };
}
