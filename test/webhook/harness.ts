import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type Agent, request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { Registry } from 'prom-client';
import { expect, vi } from 'vitest';
import type { AdmissionResponse } from '../../src/api/admission.ts';
import { type AdmissionMetrics, createAdmissionMetrics } from '../../src/telemetry/admission-metrics.ts';
import type { Logger } from '../../src/telemetry/log.ts';
import { type Certificates, ensureCertificates } from '../../src/tls/certificates.ts';
import {
  startWebhookServer,
  type WebhookServer,
  type WebhookServerOptions,
} from '../../src/webhook/server.ts';

type Watched = Parameters<AdmissionMetrics['watch']>[0];

export type LogLine = { readonly level: keyof Logger; readonly fields: object; readonly message: string };

/** Keeps what is logged. */
export function recordingLogger(): Logger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at =
    (level: keyof Logger) =>
    (fields: object, message: string): void =>
      void lines.push({ level, fields, message });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export async function newCertificates(): Promise<Certificates> {
  const dir = await mkdtemp(join(tmpdir(), 'everynode-webhook-'));
  try {
    return await ensureCertificates({
      dir,
      dnsNames: ['localhost'],
      ipAddresses: ['127.0.0.1'],
      now: Date.now(),
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Whether it came over a connection that had served before. */
  readonly reused: boolean;
};

export type Call = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
};

/** A server on a free port of 127.0.0.1, and the clients that trust it. */
export class Webhook {
  readonly server: WebhookServer;
  readonly ca: string;
  readonly logger: ReturnType<typeof recordingLogger>;
  /** What the server has in hand, as its metrics show it. */
  load = { requests: 0, heldBytes: 0 } as Readonly<Watched>;

  private constructor(server: WebhookServer, ca: string, logger: ReturnType<typeof recordingLogger>) {
    this.server = server;
    this.ca = ca;
    this.logger = logger;
  }

  static async start(
    certificates: Certificates,
    options: Partial<WebhookServerOptions> = {},
  ): Promise<Webhook> {
    const logger = recordingLogger();
    let load: Watched = { requests: 0, heldBytes: 0 };
    const metrics = options.metrics ?? createAdmissionMetrics(new Registry());
    const server = await startWebhookServer({
      host: '127.0.0.1',
      port: 0,
      certificates,
      maxBodyBytes: 3 * 1024 * 1024,
      logger,
      ...options,
      metrics: {
        ...metrics,
        watch: (watched) => {
          load = watched;
          metrics.watch(watched);
        },
      },
    });
    const webhook = new Webhook(server, certificates.ca, logger);
    webhook.load = load;
    return webhook;
  }

  call(path: string, { method = 'POST', headers = {}, body = '', agent }: Call = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.server.port,
          path,
          method,
          ca: this.ca,
          agent: agent ?? false,
          headers: { 'content-type': 'application/json', ...headers },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk) => (text += String(chunk)));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: text,
              reused: sent.reusedSocket,
            }),
          );
          response.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** The answer to an AdmissionReview. */
  async review(path: '/mutate' | '/validate', review: object): Promise<AdmissionResponse> {
    const { status, body } = await this.call(path, { body: JSON.stringify(review) });
    if (status !== 200) throw new Error(`${status} ${body}`);
    const answer = JSON.parse(body) as { apiVersion: string; kind: string; response: AdmissionResponse };
    if (answer.apiVersion !== 'admission.k8s.io/v1' || answer.kind !== 'AdmissionReview') {
      throw new Error(`not an AdmissionReview: ${body}`);
    }
    return answer.response;
  }

  /** A connection on which the test writes HTTP itself. */
  socket(): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect(
        { host: '127.0.0.1', port: this.server.port, ca: this.ca, servername: 'localhost' },
        () => resolve(socket),
      );
      socket.on('error', reject);
    });
  }

  /** A request of which all but the last byte has come in; `finish` sends that and reads the answer to its end. */
  async halfSent(
    path: string,
    body: string,
  ): Promise<{ readonly socket: TLSSocket; readonly finish: () => Promise<string> }> {
    const before = this.load.requests;
    const socket = await this.socket();
    const length = Buffer.byteLength(body);
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n`,
    );
    socket.write(body.slice(0, -1));
    await vi.waitFor(() => expect(this.load.requests).toBe(before + 1));
    return {
      socket,
      finish: () => {
        const answer = Webhook.untilEnd(socket);
        socket.write(body.slice(-1));
        return answer;
      },
    };
  }

  /** Waits until nothing is in hand. */
  async settled(): Promise<void> {
    await vi.waitFor(() => expect([this.load.requests, this.load.heldBytes]).toEqual([0, 0]));
  }

  /** All that the server sends until it ends the connection. */
  static async untilEnd(socket: TLSSocket): Promise<string> {
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => (text += String(chunk)));
    await new Promise((resolve) => {
      socket.on('close', resolve);
      socket.on('error', resolve);
    });
    return text;
  }
}

export type Review = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: { readonly uid: string; readonly object: object; readonly [field: string]: unknown };
};

/** An AdmissionReview as kube-apiserver v1.36 sent it. */
export function fixture(name: string): Review {
  const path = join(import.meta.dirname, `../fixtures/admission/${name}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as Review;
}
