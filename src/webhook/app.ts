import express, { type Express } from 'express';

export type Readiness = { readonly draining: boolean };

/** The routes beside admission: health, and a sentence for everything that is not there. */
export function createApp(readiness: Readiness): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/healthz', (_, response) => void response.type('text/plain').send('ok\n'));
  app.get('/readyz', (_, response) => {
    const { draining } = readiness;
    response
      .status(draining ? 503 : 200)
      .type('text/plain')
      .send(draining ? 'draining\n' : 'ok\n');
  });
  app.use((_, response) => {
    response
      .status(404)
      .json({ error: 'there is nothing here; try /mutate, /validate, /healthz or /readyz' });
  });
  return app;
}
