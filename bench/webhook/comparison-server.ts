import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';

/**
 * A process that answers every AdmissionReview with the same patch and checks nothing: what HTTPS, JSON and, with
 * express, its JSON parser cost by themselves. Prints its port.
 *
 *     node bench/webhook/comparison-server.ts bare|express CERT_DIR
 */
const [, , kind = 'bare', certDir = ''] = process.argv;

const PATCH = Buffer.from(
  JSON.stringify([
    {
      op: 'add',
      path: '/spec/affinity',
      value: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-17'] }] },
            ],
          },
        },
      },
    },
    ...['not-ready', 'unreachable', 'disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map(
      (taint) => ({
        op: 'add',
        path: '/spec/tolerations/-',
        value: { key: `node.kubernetes.io/${taint}`, operator: 'Exists', effect: 'NoSchedule' },
      }),
    ),
  ]),
).toString('base64');

type Review = { readonly request: { readonly uid: string } };

function answerTo({ request: { uid } }: Review): object {
  const response = { uid, allowed: true, patchType: 'JSONPatch', patch: PATCH };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}

function bare(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = JSON.stringify(answerTo(JSON.parse(Buffer.concat(chunks).toString()) as Review));
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  });
}

function withExpress(): RequestListener {
  const app = express();
  app.use(express.json({ limit: '8mb' }));
  app.post('/mutate', (request, response) => void response.json(answerTo(request.body as Review)));
  return app;
}

const [cert, key] = ['tls.crt', 'tls.key'].map((name) => readFileSync(join(certDir, name)));
const server = createServer(
  { ...(cert && { cert }), ...(key && { key }) },
  kind === 'express' ? withExpress() : bare,
);
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
