import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { BindError } from '../../src/telemetry/bind-error.ts';
import { startStatusServer, type StatusServer } from '../../src/telemetry/status-server.ts';

let server: StatusServer | undefined;
afterEach(() => server?.close());

async function start(
  waitsFor: () => string | undefined = () => undefined,
): Promise<(path: string) => Promise<Response>> {
  const { registry } = createMetrics('1.2.3');
  server = await startStatusServer({ host: '127.0.0.1', port: 0, registry, waitsFor });
  const { port } = server;
  return (path) => fetch(`http://127.0.0.1:${port}${path}`);
}

describe('the status server', () => {
  it('serves metrics in the format that Prometheus reads', async () => {
    const response = await (await start())('/metrics');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await response.text()).toContain('everynode_build_info{version="1.2.3"} 1');
  });

  it('is alive while it is not ready, and says what it waits for', async () => {
    let waitsFor: string | undefined = 'the caches to fill';
    const get = await start(() => waitsFor);
    expect((await get('/healthz')).status).toBe(200);
    const early = await get('/readyz');
    expect([early.status, await early.text()]).toEqual([503, 'waiting for the caches to fill\n']);
    waitsFor = undefined;
    expect((await get('/readyz')).status).toBe(200);
  });

  it('has nothing else', async () => {
    const response = await (await start())('/debug');
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      error: 'there is nothing here; try /metrics, /healthz or /readyz',
    });
    expect(response.headers.get('x-powered-by')).toBeNull();
  });

  it('says which address it cannot have', async () => {
    await start();
    const { registry } = createMetrics('1.2.3');
    const taken = startStatusServer({
      host: '127.0.0.1',
      port: server?.port ?? 0,
      registry,
      waitsFor: () => undefined,
    });
    await expect(taken).rejects.toThrow(BindError);
    await expect(taken).rejects.toThrow(
      `--metrics-bind-address: cannot listen on 127.0.0.1:${server?.port} (EADDRINUSE); choose another`,
    );
  });
});
