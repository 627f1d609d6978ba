import type { Express } from 'express';

/**
 * `/healthz` and `/readyz`.
 *
 * @param waitsFor what this process still waits for before it does its work; undefined when it is ready.
 */
export function routeHealth(app: Express, waitsFor: () => string | undefined): void {
  app.get('/healthz', (_, response) => void response.type('text/plain').send('ok\n'));
  app.get('/readyz', (_, response) => {
    const missing = waitsFor();
    response
      .status(missing === undefined ? 200 : 503)
      .type('text/plain')
      .send(missing === undefined ? 'ok\n' : `waiting for ${missing}\n`);
  });
}
