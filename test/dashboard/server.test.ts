import { connect } from 'node:net';
import { once } from 'node:events';
import express from 'express';
import { expect, it, onTestFinished } from 'vitest';
import { type DashboardServer, startDashboardServer } from '../../src/dashboard/server.ts';
import { issueCa, issueServingCertificate } from '../../src/tls/issue.ts';

type Limits = { readonly handshakeTimeoutMs?: number; readonly silenceTimeoutMs?: number };

async function start(limits: Limits, isEncrypted: boolean): Promise<DashboardServer> {
  const app = express().get('/never', () => undefined);
  const now = Date.now();
  const ca = await issueCa('test', now);
  const names = { dnsNames: ['localhost'], ipAddresses: [] };
  const leaf = await issueServingCertificate({ ...names, now, commonName: 'test', ca });
  const certificates = isEncrypted ? { certificates: { ...leaf, ca: ca.cert } } : {};
  const server = await startDashboardServer({ host: '127.0.0.1', port: 0, app, ...certificates, ...limits });
  onTestFinished(server.close);
  return server;
}

it('cuts off who never finishes a handshake', async () => {
  const { port } = await start({ handshakeTimeoutMs: 50 }, true);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'close');
  expect(socket.destroyed).toBe(true);
});

it('cuts off a connection on which nothing goes on, in either direction', async () => {
  const { port } = await start({ silenceTimeoutMs: 50 }, false);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined).resume();
  socket.write('GET /never HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(socket, 'close');
  expect(socket.destroyed).toBe(true);
});
