import { createServer } from 'node:net';
import { expect, onTestFinished, it } from 'vitest';
import { assertFree, freePorts } from '../../src/localcluster/ports.ts';

it('free ports are different, and below those of outgoing connections', async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  for (const port of ports) {
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(32_768);
    await assertFree(port);
  }
});

it('a taken port is named, with what to do', async () => {
  const server = createServer();
  onTestFinished(() => void server.close());
  const [port = 0] = await freePorts(1);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await expect(assertFree(port)).rejects.toThrow(
    `port ${port} on 127.0.0.1 is taken; end what listens there, or choose another port (0 picks a free one)`,
  );
});
