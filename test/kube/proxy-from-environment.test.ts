import { describe, expect, it, test } from 'vitest';
import { proxyFromEnvironment } from '../../src/kube/proxy-from-environment.ts';

const PROXY = 'http://proxy.example.com:3128';
const SERVER = 'https://api.cluster.example.com:6443';

const proxyOf = (server: string, env: Record<string, string>): string | undefined =>
  proxyFromEnvironment(new URL(server), env)?.url;

describe('the proxy', () => {
  test.each([
    [{ HTTPS_PROXY: PROXY }, PROXY],
    [{ https_proxy: PROXY }, PROXY],
    [{ HTTPS_PROXY: PROXY, https_proxy: 'http://other:1' }, PROXY],
    [{ HTTPS_PROXY: '', https_proxy: PROXY }, PROXY],
    [{ HTTPS_PROXY: 'proxy.example.com:3128' }, PROXY],
    [{ HTTPS_PROXY: 'socks5://proxy:1080' }, 'socks5://proxy:1080'],
    [{ HTTP_PROXY: PROXY }, undefined],
    [{ ALL_PROXY: PROXY }, undefined],
    [{ HTTPS_PROXY: '' }, undefined],
    [{}, undefined],
  ])('of %j is %s', (env, url) => {
    expect(proxyOf(SERVER, env as Record<string, string>)).toBe(url);
  });

  it('is named with its variable', () => {
    expect(proxyFromEnvironment(new URL(SERVER), { https_proxy: PROXY })?.variable).toBe('https_proxy');
  });

  it('is none for plain HTTP', () => {
    expect(proxyOf('http://api.cluster.example.com', { HTTPS_PROXY: PROXY })).toBeUndefined();
  });

  test.each(['https://localhost:6443', 'https://127.0.0.1:6443', 'https://127.8.9.1', 'https://[::1]:6443'])(
    'is none for %s, which is this machine',
    (server) => expect(proxyOf(server, { HTTPS_PROXY: PROXY })).toBeUndefined(),
  );
});

/** As the tests of golang.org/x/net/http/httpproxy have it. */
describe('NO_PROXY', () => {
  test.each([
    ['*', SERVER],
    ['example.com', SERVER],
    ['.example.com', SERVER],
    ['*.example.com', SERVER],
    ['EXAMPLE.com', SERVER],
    ['a, api.cluster.example.com ,b', SERVER],
    ['api.cluster.example.com:6443', SERVER],
    ['example.com:443', 'https://example.com'],
    ['example.com:', SERVER],
    ['10.96.0.0/12', 'https://10.96.0.1:443'],
    ['10.96.0.1', 'https://10.96.0.1:6443'],
    ['10.96.0.1:6443', 'https://10.96.0.1:6443'],
    ['fd00::/8', 'https://[fd00::1]:6443'],
    ['fd00::1', 'https://[fd00:0::1]:6443'],
    ['[fd00::1]:6443', 'https://[fd00::1]:6443'],
  ])('%s holds %s', (exceptions, server) => {
    expect(proxyOf(server, { HTTPS_PROXY: PROXY, NO_PROXY: exceptions })).toBeUndefined();
    expect(proxyOf(server, { HTTPS_PROXY: PROXY, no_proxy: exceptions })).toBeUndefined();
  });

  test.each([
    ['', SERVER],
    [',', SERVER],
    ['ample.com', SERVER],
    ['.example.com', 'https://example.com'],
    ['*.example.com', 'https://example.com'],
    ['example.com:443', SERVER],
    ['api', SERVER],
    ['10.0.0.0/8', 'https://11.0.0.1'],
    ['10.0.0.0/8', SERVER],
    ['10.0.0.0/33', 'https://10.0.0.1'],
    ['10.0.0.0/x', 'https://10.0.0.1'],
    ['10.0.0.1', 'https://10.0.0.11'],
    ['0.0.1', 'https://10.0.0.1'],
    ['fd00::/8', 'https://10.0.0.1'],
    ['::/0', 'https://10.0.0.1'],
    ['example.com:https', 'https://example.com'],
    ['*:443', 'https://example.com'],
  ])('%s does not hold %s', (exceptions, server) => {
    expect(proxyOf(server, { HTTPS_PROXY: PROXY, NO_PROXY: exceptions })).toBe(PROXY);
  });
});
