import { Agent, request } from 'node:https';
import { LocalClusterError } from './errors.ts';
import type { PreparedLayout } from './layout.ts';

const TIMEOUT_MS = 30_000;
const CONNECTIONS = 32;

/** Bare requests with the admin's token. The rooms above have a real client; here this is enough. */
export type ApiCaller = {
  /**
   * Returns the JSON of the answer, or its text when it is none.
   *
   * @throws LocalClusterError for a status that is not 2xx; the error of the connection as it is.
   */
  readonly call: (method: 'GET' | 'POST', url: string, body?: object) => Promise<unknown>;
  readonly close: () => void;
};

export function createApiCaller({ token, ca }: Pick<PreparedLayout, 'token' | 'ca'>): ApiCaller {
  const agent = new Agent({ ca, keepAlive: true, maxSockets: CONNECTIONS });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const call: ApiCaller['call'] = (method, url, body) =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method, agent, headers, timeout: TIMEOUT_MS }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode = 0 } = response;
          if (statusCode >= 200 && statusCode < 300) resolve(text.startsWith('{') ? JSON.parse(text) : text);
          else
            reject(
              new LocalClusterError(`${method} ${url} was answered ${statusCode}: ${text.slice(0, 500)}`),
            );
        });
      });
      sent.on('timeout', () => sent.destroy(new LocalClusterError(`${url} did not answer in 30 s`)));
      sent.on('error', reject);
      sent.end(body && JSON.stringify(body));
    });
  return { call, close: () => agent.destroy() };
}
