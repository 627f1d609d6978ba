import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { issueCa, issueServingCertificate } from '../tls/issue.ts';
import type { Layout } from './arguments.ts';
import { KWOK_STAGES } from './kwok-stages.ts';
import { freePorts } from './ports.ts';

/** What everything of a cluster agrees on, and the credentials of its admin. */
export type PreparedLayout = Layout & {
  /** URL of the API server. */
  readonly server: string;
  readonly token: string;
  /** PEM. */
  readonly ca: string;
};

/**
 * Puts keys, certificates, kubeconfigs and configuration where the components look for them.
 *
 * @param port of the API server; 0 picks a free one.
 */
export async function layOut(dataDir: string, port: number): Promise<PreparedLayout> {
  const ports = await choosePorts(port);
  const { ca, files: certificates } = await makeCertificates();
  const admin = newToken();
  const controllerManager = newToken();
  const scheduler = newToken();
  const layout: PreparedLayout = {
    dataDir,
    kubeconfigPath: join(dataDir, 'kubeconfig'),
    ports,
    server: `https://127.0.0.1:${ports['kube-apiserver']}`,
    token: admin,
    ca,
  };
  const files = {
    ...certificates,
    ...makeServiceAccountKeys(),
    'tokens.csv': [
      `${admin},admin,admin,system:masters`,
      `${controllerManager},system:kube-controller-manager,system:kube-controller-manager`,
      `${scheduler},system:kube-scheduler,system:kube-scheduler`,
      '',
    ].join('\n'),
    kubeconfig: kubeconfig(layout, 'admin', admin),
    'kube-controller-manager.kubeconfig': kubeconfig(layout, 'kube-controller-manager', controllerManager),
    'kube-scheduler.kubeconfig': kubeconfig(layout, 'kube-scheduler', scheduler),
    'kwok.yaml': KWOK_STAGES,
  };
  await mkdir(join(dataDir, 'logs'), { recursive: true });
  await Promise.all(
    Object.entries(files).map(([name, text]) => writeFile(join(dataDir, name), text, { mode: 0o600 })),
  );
  return layout;
}

async function choosePorts(port: number): Promise<Layout['ports']> {
  const [etcd = 0, controllerManager = 0, scheduler = 0, kwok = 0, apiserver = 0] = await freePorts(5);
  return {
    etcd,
    'kube-apiserver': port || apiserver,
    'kube-controller-manager': controllerManager,
    'kube-scheduler': scheduler,
    kwok,
  };
}

async function makeCertificates(): Promise<{
  readonly ca: string;
  readonly files: Readonly<Record<string, string>>;
}> {
  const now = Date.now();
  const ca = await issueCa('everynode local cluster', now);
  const serving = await issueServingCertificate({
    // Not the CA's: a certificate whose issuer and subject are one is taken for self-signed.
    commonName: 'kube-apiserver',
    dnsNames: [
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
    ],
    ipAddresses: ['127.0.0.1', '10.96.0.1'],
    ca,
    now,
  });
  const files = { 'ca.crt': ca.cert, 'ca.key': ca.key, 'tls.crt': serving.cert, 'tls.key': serving.key };
  return { ca: ca.cert, files };
}

function makeServiceAccountKeys(): Readonly<Record<string, string>> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
  });
  return { 'sa.pub': publicKey, 'sa.key': privateKey };
}

function newToken(): string {
  return randomBytes(24).toString('base64url');
}

function kubeconfig({ server, ca }: PreparedLayout, user: string, token: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'everynode',
    contexts: [{ name: 'everynode', context: { cluster: 'everynode', user } }],
    clusters: [
      {
        name: 'everynode',
        cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: [{ name: user, user: { token } }],
  });
}
