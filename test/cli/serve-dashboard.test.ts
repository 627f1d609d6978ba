import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { nameInLink, serveDashboard, type ServedDashboard } from '../../src/cli/serve-dashboard.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import { WatchedConnection } from '../../src/dashboard/watched-connection.ts';
import { issueCa, issueServingCertificate } from '../../src/tls/issue.ts';
import { namesOf } from '../../src/tls/verify.ts';
import { fill, followedCluster } from '../dashboard/followed-cluster.ts';
import { pageFolder } from '../dashboard/page-folder.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { FakeClient } from '../syncloop/fake-client.ts';
import { temporaryFolder } from './kubeconfig.ts';

type Given = {
  readonly host?: string;
  readonly port?: number;
  readonly certDir?: string;
  readonly page?: string;
};

type Started = ServedDashboard & {
  readonly client: FakeClient;
  readonly logger: ReturnType<typeof recordingLogger>;
};

async function start({ host = '127.0.0.1', port = 0, certDir, page }: Given = {}): Promise<Started> {
  const client = new FakeClient();
  const logger = recordingLogger();
  const dashboard = await serveDashboard(
    { dashboardBindAddress: { host, port }, ...(certDir !== undefined && { dashboardCertDir: certDir }) },
    {
      client,
      logger,
      server: 'https://there:6443',
      cluster: followedCluster(client),
      connection: new WatchedConnection(),
      policy: DEFAULT_POLICY,
      pageFolder: page ?? (await pageFolder()),
    },
  );
  onTestFinished(dashboard.stop);
  return { ...dashboard, client, logger };
}

/** The certificate that new connections get. */
async function servedCertificate({ port }: Pick<ServedDashboard, 'port'>): Promise<X509Certificate> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerX509Certificate();
  socket.destroy();
  if (!certificate) throw new Error('no certificate');
  return certificate;
}

/** What cert-manager or a company's own authority would put there: no ca.crt, and other names. */
async function putForeign(dir: string, name: string): Promise<string> {
  const now = Date.now();
  const ca = await issueCa('an authority', now);
  const names = { dnsNames: [name], ipAddresses: [] };
  const { cert, key } = await issueServingCertificate({ commonName: name, ...names, ca, now });
  await writeFile(join(dir, 'tls.key'), key);
  await writeFile(join(dir, 'tls.crt'), cert);
  return new X509Certificate(cert).fingerprint256;
}

const LOOPBACKS = Object.values(networkInterfaces()).flatMap(
  (all) => all?.map(({ address }) => address) ?? [],
);
const hasIpv6 = LOOPBACKS.includes('::1');
/** Can be reached from here alone, and does not look so. */
const MAPPED = '::ffff:127.0.0.1';

describe('on loopback', () => {
  it('the link signs in whoever has it, and is in no log', async () => {
    const { link, port, logger } = await start();
    const [address, key = ''] = link.split('#key=');
    expect(address).toBe(`http://127.0.0.1:${port}/`);
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('this is index.html');
    const signIn = async (given: string): Promise<number> => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ key: given });
      return (await fetch(`${address}api/session`, { method: 'POST', headers, body })).status;
    };
    expect(await signIn(key)).toBe(200);
    expect(await signIn(key.slice(1))).toBe(401);
    expect(logger.lines).toMatchObject([{ level: 'info', fields: { host: '127.0.0.1', port } }]);
    expect(JSON.stringify(logger.lines)).not.toContain(key);
  });

  it('the link is another one at each start', async () => {
    const keys = await Promise.all([start(), start()].map(async (each) => (await each).link.split('#')[1]));
    expect(new Set(keys).size).toBe(2);
  });

  it.each(['localhost', '127.0.0.2'])('%s needs no TLS', async (host) => {
    const { link, port } = await start({ host });
    expect(link.split('#')[0]).toBe(`http://${host}:${port}/`);
  });

  it.skipIf(!hasIpv6)('an address of IPv6 is in brackets', async () => {
    const { link, port } = await start({ host: '::1' });
    expect(link).toMatch(/#key=/);
    expect(link.split('#')[0]).toBe(`http://[::1]:${port}/`);
  });

  it('waits for the cluster, and is ready then', async () => {
    const dashboard = await start();
    const readiness = async (): Promise<string> =>
      (await fetch(`http://127.0.0.1:${dashboard.port}/readyz`)).text();
    expect(dashboard.waitsFor()).toBe('the cluster to be read');
    expect(await readiness()).toBe('waiting for the cluster to be read\n');
    await fill(dashboard.client);
    await vi.waitFor(() => expect(dashboard.waitsFor()).toBeUndefined());
    expect(await readiness()).toBe('ok\n');
  });

  it('gives the port back when it is stopped, also before the cluster has been read', async () => {
    const { port, stop } = await start();
    await stop();
    await stop();
    expect((await start({ port })).port).toBe(port);
  });
});

describe('an address that others can reach', () => {
  it.each([
    '0.0.0.0',
    '::',
    '',
    '192.0.2.1',
    'example.org',
    '128.0.0.1',
    '127.0.0.999',
    '127.0.0.1.example.org',
    MAPPED,
  ])('is refused without TLS: "%s"', async (host) => {
    await expect(start({ host })).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(
        /^--dashboard-bind-address: .+ can be reached from other machines, .+; give --dashboard-cert-dir DIR .+ or an address such as 127\.0\.0\.1:9080$/,
      ),
    });
  });

  it.skipIf(!hasIpv6)('has no key in its link: tokens only', async () => {
    const certDir = join(await temporaryFolder(), 'certs');
    const { link, port } = await start({ host: MAPPED, certDir });
    expect(link).toBe(`https://[${MAPPED}]:${port}/`);
    const { dnsNames } = namesOf(await readFile(join(certDir, 'tls.crt'), 'utf8'));
    expect(dnsNames).toEqual(['localhost', hostname()]);
  });

  it('is called by the name of the machine where it is every address', () => {
    for (const host of ['', '::', '0.0.0.0']) expect(nameInLink(host)).toBe(hostname());
    expect([nameInLink('192.0.2.1'), nameInLink('2001:db8::1'), nameInLink('a.example')]).toEqual([
      '192.0.2.1',
      '[2001:db8::1]',
      'a.example',
    ]);
  });
});

describe('--dashboard-cert-dir', () => {
  it('gets certificates where there are none, and browsers get them', async () => {
    const certDir = join(await temporaryFolder(), 'certs');
    const dashboard = await start({ certDir });
    expect(dashboard.link).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/#key=/);
    const made = new X509Certificate(await readFile(join(certDir, 'tls.crt')));
    expect((await servedCertificate(dashboard)).fingerprint256).toBe(made.fingerprint256);
    expect(namesOf(made.toString()).ipAddresses).toContain('127.0.0.1');
  });

  it('may hold those of an authority that browsers know, for whatever name, and others after them', async () => {
    const certDir = await temporaryFolder();
    const first = await putForeign(certDir, 'daemons.example.org');
    const dashboard = await start({ certDir });
    expect((await servedCertificate(dashboard)).fingerprint256).toBe(first);
    const second = await putForeign(certDir, 'elsewhere.example.org');
    await vi.waitFor(async () => expect((await servedCertificate(dashboard)).fingerprint256).toBe(second), {
      timeout: 20_000,
      interval: 100,
    });
  }, 30_000);

  it('with files that are no certificates is refused with a sentence', async () => {
    const certDir = await temporaryFolder();
    await writeFile(join(certDir, 'tls.crt'), 'x');
    await expect(start({ certDir })).rejects.toMatchObject({
      name: 'CertificateError',
      message: expect.stringContaining(`${certDir} lacks tls.key`),
    });
    await writeFile(join(certDir, 'tls.key'), 'x');
    await expect(start({ certDir })).rejects.toMatchObject({
      name: 'CertificateError',
      message: expect.stringContaining('tls.crt holds no PEM certificate'),
    });
  });
});

describe('what cannot be', () => {
  it('is a folder for certificates that cannot be read or made, which is named by its flag', async () => {
    const dir = await temporaryFolder();
    await symlink(join(dir, 'gone', 'gone'), join(dir, 'nowhere'));
    for (const certDir of ['/dev/null/certs', join(dir, 'nowhere')]) {
      await expect(start({ certDir })).rejects.toMatchObject({
        name: 'CertificateError',
        message: expect.stringMatching(/cannot be .+ \(E[A-Z]+\); .*--dashboard-cert-dir/),
      });
    }
  });

  it('is an address that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    await expect(start({ port })).rejects.toMatchObject({
      name: 'BindError',
      // By whatever flag it was given: `up` has another one.
      message: `the dashboard cannot listen on 127.0.0.1:${port} (EADDRINUSE); choose another address or port`,
    });
  });

  it('is a dashboard without its page', async () => {
    await expect(start({ page: '/nowhere' })).rejects.toMatchObject({
      name: 'PageMissingError',
      message: expect.stringContaining('run: npm run build'),
    });
  });
});
