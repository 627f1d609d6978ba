import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { issueCa, issueClientCertificate, issueServingCertificate, type KeyPair } from '../tls/issue.ts';
import type { Layout } from './arguments.ts';
import { KWOK_STAGES } from './kwok-stages.ts';
import { freePorts } from './ports.ts';
import type { NodeNetwork } from './real-node/network.ts';

/** What everything of a cluster agrees on, and the credentials of its admin. */
export type PreparedLayout = Layout & {
  /** URL of the API server. */
  readonly server: string;
  readonly token: string;
  /** PEM. */
  readonly ca: string;
};

/** What has to be known of a real node before the cluster starts. */
export type RealNodeLayout = { readonly name: string; readonly network: NodeNetwork };

/** Users with a kubeconfig of their own: their names as Kubernetes' own roles have them, and their groups. */
type Users = Readonly<Record<string, { readonly user: string; readonly group?: string }>>;

const COMPONENT_USERS: Users = {
  'kube-controller-manager': { user: 'system:kube-controller-manager' },
  'kube-scheduler': { user: 'system:kube-scheduler' },
};

/**
 * Puts keys, certificates, kubeconfigs and configuration where the components look for them.
 *
 * @param port of the API server; 0 picks a free one.
 */
export async function layOut(
  dataDir: string,
  port: number,
  realNode?: RealNodeLayout,
): Promise<PreparedLayout> {
  const ports = await choosePorts(port);
  const { ca, files: certificates } = await makeCertificates(realNode?.network);
  const admin = newToken();
  const layout: PreparedLayout = {
    dataDir,
    kubeconfigPath: join(dataDir, 'kubeconfig'),
    ports,
    server: `https://${realNode?.network.host ?? '127.0.0.1'}:${ports['kube-apiserver']}`,
    token: admin,
    ca,
    ...(realNode && { network: realNode.network }),
  };
  const users = { ...COMPONENT_USERS, ...(realNode && nodeUsers(realNode)) };
  const accounts = Object.entries(users).map(([name, user]) => ({ name, token: newToken(), ...user }));
  const tokens = accounts.map(({ token, user, group = '' }) => `${token},${user},${user},${group}`);
  const files = {
    ...certificates,
    ...makeServiceAccountKeys(),
    'tokens.csv': [`${admin},admin,admin,system:masters`, ...tokens, ''].join('\n'),
    kubeconfig: kubeconfig(layout, 'admin', admin),
    ...Object.fromEntries(
      accounts.map(({ name, token }) => [`${name}.kubeconfig`, kubeconfig(layout, name, token)]),
    ),
    'kwok.yaml': KWOK_STAGES,
  };
  await mkdir(join(dataDir, 'logs'), { recursive: true });
  await Promise.all(
    Object.entries(files).map(([name, text]) => writeFile(join(dataDir, name), text, { mode: 0o600 })),
  );
  return layout;
}

function nodeUsers({ name }: RealNodeLayout): Users {
  return {
    kubelet: { user: `system:node:${name}`, group: 'system:nodes' },
    'kube-proxy': { user: 'system:kube-proxy' },
  };
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

async function makeCertificates(network: NodeNetwork | undefined): Promise<{
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
    ipAddresses: ['127.0.0.1', '10.96.0.1', ...(network ? [network.host] : [])],
    ca,
    now,
  });
  const files = {
    ...pair('ca', ca),
    ...pair('tls', serving),
    ...(network && (await makeKubeletCertificates(network, ca, now))),
  };
  return { ca: ca.cert, files };
}

/** The kubelet's own, and that with which the API server calls it. */
async function makeKubeletCertificates(
  { node }: NodeNetwork,
  ca: KeyPair,
  now: number,
): Promise<Readonly<Record<string, string>>> {
  const serving = { commonName: 'kubelet', dnsNames: [], ipAddresses: [node], ca, now };
  const client = { commonName: 'kube-apiserver', organization: 'system:masters', ca, now };
  return {
    ...pair('kubelet', await issueServingCertificate(serving)),
    ...pair('kubelet-client', await issueClientCertificate(client)),
  };
}

function pair(name: string, { cert, key }: KeyPair): Readonly<Record<string, string>> {
  return { [`${name}.crt`]: cert, [`${name}.key`]: key };
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
