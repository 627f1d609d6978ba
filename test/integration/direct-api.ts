import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { splitLines } from '../../src/kube/lines.ts';
import type { LocalCluster } from '../../src/localcluster/cluster.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
type List<T> = { readonly metadata: { readonly resourceVersion: string }; readonly items: readonly T[] };
export type Answer = { readonly status: number; readonly body: unknown };

/** The API server itself, past the proxy and past all code that is under test but the cutting of lines. */
export class DirectApi {
  readonly #server: string;
  readonly #agent: Agent;
  readonly #headers: Record<string, string>;

  private constructor(server: string, token: string, ca: string) {
    this.#server = server;
    this.#agent = new Agent({ connect: { ca }, bodyTimeout: 0 });
    this.#headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  }

  static async of({ server, token, dataDir }: LocalCluster): Promise<DirectApi> {
    return new DirectApi(server, token, await readFile(join(dataDir, 'ca.crt'), 'utf8'));
  }

  /** Asks again for as long as the API server is away. */
  async call(method: Method, path: string, body?: object, type = 'application/json'): Promise<Answer> {
    const end = Date.now() + 90_000;
    for (;;) {
      try {
        const answer = await this.#once(method, path, body, type);
        if (answer.status !== 429 && answer.status < 500) return answer;
        if (Date.now() > end) throw new Error(`${method} ${path} is still answered ${answer.status}`);
      } catch (error) {
        if (Date.now() > end) throw error;
      }
      await sleep(200);
    }
  }

  async list<T>(path: string): Promise<List<T>> {
    const { status, body } = await this.call('GET', path);
    if (status !== 200) throw new Error(`GET ${path} was answered ${status}`);
    return body as List<T>;
  }

  /** The lines of a watch; throws when it is refused or breaks off. */
  async *watch(path: string, resourceVersion: string, signal: AbortSignal): AsyncGenerator<string> {
    const { statusCode, body } = await this.#agent.request({
      origin: this.#server,
      path: `${path}?watch=true&allowWatchBookmarks=true&resourceVersion=${resourceVersion}`,
      method: 'GET',
      headers: this.#headers,
      signal,
    });
    if (statusCode !== 200) throw Object.assign(new Error(await body.text()), { statusCode });
    for await (const line of splitLines(body)) yield line.toString('utf8');
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #once(method: Method, path: string, body: object | undefined, type: string): Promise<Answer> {
    const response = await this.#agent.request({
      origin: this.#server,
      path,
      method,
      headers: { ...this.#headers, 'content-type': type },
      ...(body && { body: JSON.stringify(body) }),
      headersTimeout: 10_000,
    });
    const text = await response.body.text();
    return { status: response.statusCode, body: text.startsWith('{') ? JSON.parse(text) : text };
  }
}
