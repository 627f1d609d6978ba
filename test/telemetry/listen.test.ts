import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { listen } from '../../src/telemetry/listen.ts';

const sentence = (code: string | undefined): string => `refused: ${code}`;
const tooManyFiles = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });

it('goes on after a connection that could not be accepted, and tells of it', async () => {
  const lost: Error[] = [];
  const server = createServer();
  await listen(server, { host: '127.0.0.1', port: 0, sentence, onLost: (error) => lost.push(error) });
  server.emit('error', tooManyFiles);
  server.emit('error', tooManyFiles);
  expect(lost).toEqual([tooManyFiles, tooManyFiles]);
  expect(server.listening).toBe(true);
  server.close();
});

it('goes on also where nobody wants to be told', async () => {
  const server = createServer();
  await listen(server, { host: '127.0.0.1', port: 0, sentence });
  expect(() => server.emit('error', tooManyFiles)).not.toThrow();
  server.close();
});
