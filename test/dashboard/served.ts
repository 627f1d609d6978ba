import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { onTestFinished } from 'vitest';
import type { DaemonSet } from '../../src/api/daemonset.ts';
import { DEFAULT_POLICY } from '../../src/core/policy.ts';
import type { Board } from '../../src/core/coverage/board.ts';
import { Answers } from '../../src/dashboard/answers.ts';
import { createApp } from '../../src/dashboard/app.ts';
import { EventStreams, type EventStreamsOptions } from '../../src/dashboard/event-streams.ts';
import type { PageFile } from '../../src/dashboard/page-files.ts';
import { startDashboardServer } from '../../src/dashboard/server.ts';
import { SESSION_LIMITS, type SessionLimits, Sessions } from '../../src/dashboard/sessions.ts';
import type { FindingsAnswer } from '../../src/dashboard/wire.ts';
import type { Certificates } from '../../src/tls/verify.ts';
import { daemonSet } from '../builders/daemonset.ts';
import { nodes } from '../builders/node.ts';
import { pod } from '../builders/pod.ts';
import { revision } from '../builders/revision.ts';
import { recordingLogger } from '../fakes/logger.ts';
import { FakeClient } from '../syncloop/fake-client.ts';
import { ALLOWED, reviewOf } from './reviews.ts';

export const KEY = 'the-key-of-the-link';
export const TOKEN = 'the-token';

const file = (type: string, text: string): PageFile => ({ type, body: Buffer.from(text), etag: `"${text}"` });

/** The files of a page that says nothing. */
export const FILES: ReadonlyMap<string, PageFile> = new Map([
  ['/index.html', file('text/html; charset=utf-8', 'index')],
  ['/page.js', file('text/javascript; charset=utf-8', 'script')],
]);

/** Boards that the test makes. */
export class Source {
  readonly listeners = new Set<(board: Board) => void>();
  board: Board | undefined;

  readonly listen = (listener: (board: Board) => void): (() => void) => {
    this.listeners.add(listener);
    if (this.board) listener(this.board);
    return () => void this.listeners.delete(listener);
  };

  show(board: Board): void {
    this.board = board;
    for (const listener of this.listeners) listener(board);
  }
}

export type ServedOptions = {
  readonly certificates?: Certificates;
  readonly streams?: Omit<EventStreamsOptions, 'source'>;
  readonly limits?: Partial<SessionLimits>;
  readonly daemonSets?: readonly DaemonSet[];
  readonly findings?: () => Promise<FindingsAnswer>;
  readonly waitsFor?: () => string | undefined;
};

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: unknown;
};

export type Call = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};

/** What the dashboard serves, on a free port of 127.0.0.1 until the test ends. */
export class Served {
  readonly client = new FakeClient()
    .answer('create TokenReview', reviewOf('ada'))
    .answer('create SubjectAccessReview', ALLOWED);
  readonly logger = recordingLogger();
  readonly source = new Source();
  readonly sessions: Sessions;
  readonly streams: EventStreams;
  port = 0;
  close: () => Promise<void> = async () => undefined;
  readonly #ca: string | undefined;

  private constructor({ streams, limits, certificates }: ServedOptions) {
    const { client, logger } = this;
    this.sessions = new Sessions({ client, logger, key: KEY, limits: { ...SESSION_LIMITS, ...limits } });
    this.streams = new EventStreams({ source: this.source, ...streams });
    this.#ca = certificates?.ca;
  }

  static async start(options: ServedOptions = {}): Promise<Served> {
    const served = new Served(options);
    const { sessions, streams, logger } = served;
    const { certificates, daemonSets = [daemonSet()] } = options;
    const [set = daemonSet()] = daemonSets;
    const app = createApp({
      files: FILES,
      sessions,
      streams,
      logger,
      answers: new Answers({
        cluster: {
          daemonSets: () => daemonSets,
          nodes: () => nodes(['n1', 'n2']),
          podsOf: () => [pod('p1', { on: 'n1' })],
          barePods: () => [],
          revisionsOf: () => [revision('new', { of: set })],
          orphanedRevisions: () => [],
          workloads: () => [],
        },
        nodes: () => nodes(['n1', 'n2']),
        daemonSets: () => daemonSets,
        policy: DEFAULT_POLICY,
      }),
      findings: options.findings ?? (async () => ({ findings: [], suppressed: [], pending: 3 })),
      about: { version: '1.2.3', cluster: 'https://there:6443' },
      isEncrypted: certificates !== undefined,
      waitsFor: options.waitsFor ?? (() => undefined),
    });
    const listening = { host: '127.0.0.1', port: 0, app, ...(certificates && { certificates }) };
    const server = await startDashboardServer(listening);
    served.port = server.port;
    served.close = async () => {
      streams.close();
      await server.close();
    };
    onTestFinished(served.close);
    return served;
  }

  /** Sends the path as it is, and gives the answer before its body. */
  open(path: string, { method = 'GET', headers = {}, body }: Call = {}): Promise<IncomingMessage> {
    const target = { host: '127.0.0.1', port: this.port, path, method, headers, agent: false } as const;
    return new Promise((resolve, reject) => {
      const sent = this.#ca ? tlsRequest({ ...target, ca: this.#ca }, resolve) : request(target, resolve);
      sent.on('error', reject);
      sent.end(body);
    });
  }

  async call(path: string, call: Call = {}): Promise<Answer> {
    const response = await this.open(path, call);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const isJson = response.headers['content-type']?.startsWith('application/json') === true;
    const json: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
    return { status: response.statusCode ?? 0, headers: response.headers, text, json };
  }

  signIn(body: unknown): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    return this.call('/api/session', { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** The headers of a browser that is signed in. */
  async signedIn(): Promise<{ readonly cookie: string }> {
    const { headers } = await this.signIn({ key: KEY });
    const [cookie = ''] = headers['set-cookie']?.[0]?.split(';') ?? [];
    return { cookie };
  }
}
