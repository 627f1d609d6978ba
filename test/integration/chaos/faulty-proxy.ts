import { readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalCluster } from '../../../src/localcluster/cluster.ts';
import { issueCa, issueServingCertificate } from '../../../src/tls/issue.ts';
import { FaultyStream } from './faulty-stream.ts';
import type { Random } from './random.ts';

/** How likely each fault is, of 1; what is left goes through unharmed. */
export type FaultRates = {
  readonly conflict: number;
  readonly tooMany: number;
  readonly internal: number;
  /** Done by the API server, but the connection ends before the answer. */
  readonly lostAnswer: number;
  /** Waits up to a second and a half before it is passed on. */
  readonly delay: number;
  /** Of watches: refused with 410. */
  readonly goneStatus: number;
  /** Of running watches, each second: broken off in the middle of a line. */
  readonly watchCut: number;
  /** Ended with a 410 as an event. */
  readonly watchGone: number;
  readonly watchEnd: number;
  /** Lag from then on by up to a second. */
  readonly watchLag: number;
};

export const STORMY: FaultRates = {
  conflict: 0.04,
  tooMany: 0.06,
  internal: 0.05,
  lostAnswer: 0.07,
  delay: 0.1,
  goneStatus: 0.06,
  watchCut: 0.08,
  watchGone: 0.04,
  watchEnd: 0.04,
  watchLag: 0.2,
};

const REFUSALS = {
  conflict: { code: 409, reason: 'Conflict' },
  tooMany: { code: 429, reason: 'TooManyRequests' },
  internal: { code: 500, reason: 'InternalError' },
  goneStatus: { code: 410, reason: 'Expired' },
} as const;

const POD_PATH = /^\/api\/v1\/namespaces\/[^/]+\/pods\/([^/?]+)$/;

/** Stands between the sync loop and the API server, and does to the requests what bad networks do. */
export class FaultyProxy {
  readonly kubeconfigPath: string;
  /** uids of the pods whose deletion the sync loop has asked for. */
  readonly podDeletions = new Set<string>();
  /** How often each fault was injected. */
  readonly injected: Partial<Record<keyof FaultRates | 'unreachable', number>> = {};
  forwarded = 0;
  readonly #server: Server;
  readonly #upstream: URL;
  readonly #agent: Agent;
  readonly #random: Random;
  readonly #streams = new Set<FaultyStream>();
  readonly #ticking: NodeJS.Timeout;
  #rates: FaultRates | undefined;
  #answersLeft = Number.POSITIVE_INFINITY;
  /** Watched paths whose last watch was refused: the next is not, so no cache stays behind for long. */
  readonly #refused = new Set<string>();

  private constructor(parts: { server: Server; upstream: string; ca: string; random: Random; path: string }) {
    this.#server = parts.server;
    this.#upstream = new URL(parts.upstream);
    this.#agent = new Agent({ ca: parts.ca, keepAlive: true });
    this.#random = parts.random;
    this.kubeconfigPath = parts.path;
    this.#server.keepAliveTimeout = 60_000;
    this.#ticking = setInterval(() => this.#harmStreams(), 1_000);
    this.#server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
      // Whatever goes wrong here is one more broken connection.
      this.#handle(incoming, response).catch(() => response.destroy());
    });
  }

  static async start(cluster: LocalCluster, random: Random): Promise<FaultyProxy> {
    const now = Date.now();
    const ca = await issueCa('faulty proxy', now);
    const { cert, key } = await issueServingCertificate({
      commonName: 'faulty-proxy',
      dnsNames: ['localhost'],
      ipAddresses: ['127.0.0.1'],
      ca,
      now,
    });
    const server = createServer({ cert, key });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const path = join(cluster.dataDir, `proxied-${port}.kubeconfig`);
    const url = `https://127.0.0.1:${port}`;
    await writeFile(path, kubeconfig(url, ca.cert, cluster.token), { mode: 0o600 });
    const upstreamCa = await readFile(join(cluster.dataDir, 'ca.crt'), 'utf8');
    return new FaultyProxy({ server, upstream: cluster.server, ca: upstreamCa, random, path });
  }

  /** From now on; without rates nothing more is harmed. */
  setFaults(rates: FaultRates | undefined): void {
    this.#rates = rates;
    for (const stream of this.#streams) stream.lagMs = 0;
  }

  /** After so many answers every connection ends without one. */
  goAwayAfter(answers: number): void {
    this.#answersLeft = answers;
  }

  async stop(): Promise<void> {
    clearInterval(this.#ticking);
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', this.#upstream);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (this.#answersLeft <= 0) return void response.destroy();
    this.#answersLeft -= 1;
    if (url.searchParams.get('watch') === 'true') return this.#watch(incoming, response, url);
    if (this.#happens('delay')) await sleep(this.#random.between(50, 1_500));
    const refusal = this.#refusal(incoming.method ?? 'GET');
    if (refusal) return refuse(response, refusal);
    const podName = incoming.method === 'DELETE' && POD_PATH.test(url.pathname);
    if (podName) this.#noteDeletion(body);
    const answer = await this.#forward(incoming, body);
    const text = await collect(answer);
    if (this.#happens('lostAnswer')) return void response.destroy();
    response.writeHead(answer.statusCode ?? 502, withoutHopByHop(answer.headers));
    response.end(text);
  }

  async #watch(incoming: IncomingMessage, response: ServerResponse, { pathname }: URL): Promise<void> {
    if (!this.#refused.delete(pathname)) {
      const refusal = (['goneStatus', 'tooMany', 'internal'] as const).find((fault) => this.#happens(fault));
      if (refusal) {
        this.#refused.add(pathname);
        return refuse(response, refusal);
      }
    }
    const answer = await this.#forward(incoming, Buffer.alloc(0));
    response.writeHead(answer.statusCode ?? 502, withoutHopByHop(answer.headers));
    response.flushHeaders();
    const stream = new FaultyStream(answer, response);
    this.#streams.add(stream);
    response.on('close', () => this.#streams.delete(stream));
  }

  #harmStreams(): void {
    for (const stream of this.#streams) {
      if (this.#happens('watchLag')) stream.lagMs = this.#random.between(0, 1_000);
      const fate = (['watchCut', 'watchGone', 'watchEnd'] as const).find((fate) => this.#happens(fate));
      if (fate) {
        this.#streams.delete(stream);
        stream.doom(fate);
      }
    }
  }

  #refusal(method: string): keyof typeof REFUSALS | undefined {
    // A 409 on DELETE can only mean that another pod has the name, which would be a lie here.
    if ((method === 'POST' || method === 'PUT' || method === 'PATCH') && this.#happens('conflict'))
      return 'conflict';
    if (this.#happens('tooMany')) return 'tooMany';
    return this.#happens('internal') ? 'internal' : undefined;
  }

  #happens(fault: keyof FaultRates): boolean {
    const happens = this.#rates !== undefined && this.#random.chance(this.#rates[fault]);
    if (happens) this.#count(fault);
    return happens;
  }

  #count(what: keyof FaultRates | 'unreachable'): void {
    this.injected[what] = (this.injected[what] ?? 0) + 1;
  }

  #noteDeletion(body: Buffer): void {
    const options = JSON.parse(body.toString('utf8')) as { preconditions?: { uid?: string } };
    if (!options.preconditions?.uid) throw new Error('a pod was deleted without its uid');
    this.podDeletions.add(options.preconditions.uid);
  }

  #forward(incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    this.forwarded += 1;
    const { hostname, port } = this.#upstream;
    const { host: _, ...headers } = withoutHopByHop(incoming.headers);
    return new Promise((resolve, reject) => {
      const options = { hostname, port, path: incoming.url, method: incoming.method, agent: this.#agent };
      const sent = request({ ...options, headers: { ...headers, 'content-length': body.length } }, resolve);
      sent.on('error', (error) => {
        this.#count('unreachable');
        reject(error);
      });
      sent.end(body);
    });
  }
}

function refuse(response: ServerResponse, refusal: keyof typeof REFUSALS): void {
  const { code, reason } = REFUSALS[refusal];
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, code };
  const headers = { 'content-type': 'application/json', ...(code === 429 && { 'retry-after': '1' }) };
  response.writeHead(code, headers);
  response.end(JSON.stringify({ ...status, message: 'injected by the chaos test' }));
}

function withoutHopByHop(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const { connection: _, 'transfer-encoding': __, 'content-length': ___, ...rest } = headers;
  return rest;
}

async function collect(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function kubeconfig(server: string, ca: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'proxied',
    contexts: [{ name: 'proxied', context: { cluster: 'proxied', user: 'admin' } }],
    clusters: [
      {
        name: 'proxied',
        cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: [{ name: 'admin', user: { token } }],
  });
}
