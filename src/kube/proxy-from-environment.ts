import { BlockList, isIP, isIPv4 } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy, and the variable that names it. */
export type EnvironmentProxy = { readonly url: string; readonly variable: string };

/**
 * The proxy through which the environment wants a server to be reached over HTTPS, as kubectl understands it:
 * `HTTPS_PROXY`, unless `NO_PROXY` names the server; both in lower case, too. Loopback is never proxied.
 *
 * @param server URL.
 * @returns undefined for none. The URL is as it was written, but for a scheme, which is `http` where there was none.
 * Source: golang.org/x/net/http/httpproxy, which client-go uses by `http.ProxyFromEnvironment`.
 */
export function proxyFromEnvironment(server: URL, env: Environment): EnvironmentProxy | undefined {
  const variable = ['HTTPS_PROXY', 'https_proxy'].find((name) => env[name]);
  const url = variable && env[variable];
  if (!url || server.protocol !== 'https:' || isExcepted(server, env.NO_PROXY || env.no_proxy || '')) {
    return undefined;
  }
  return { url: url.includes('://') ? url : `http://${url}`, variable };
}

function isExcepted(server: URL, exceptions: string): boolean {
  const host = unbracketed(server.hostname.toLowerCase());
  const port = server.port || '443';
  if (host === 'localhost' || isLoopback(host)) return true;
  return exceptions
    .split(',')
    .map((exception) => exception.trim().toLowerCase())
    .some((exception) => exception !== '' && names(exception, host, port));
}

/** Whether the exception is `*`, a range of addresses, or a name or address with or without a port, and this one. */
function names(exception: string, host: string, port: string): boolean {
  if (exception === '*') return true;
  if (exception.includes('/')) return isWithin(host, exception);
  const [, name = exception, only = ''] = /^(\[.*\]|[^:]*):(\d*)$/.exec(exception) ?? [];
  if (only !== '' && only !== port) return false;
  const address = unbracketed(name);
  if (isIP(address)) return isWithin(host, `${address}/${isIPv4(address) ? 32 : 128}`);
  return !isIP(host) && isBelow(host, name.replace(/^\*\./, '.'));
}

/** `.example.com` is what is below it, `example.com` is itself as well. */
function isBelow(host: string, name: string): boolean {
  if (name === '') return false;
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}

function isLoopback(host: string): boolean {
  return isWithin(host, '127.0.0.0/8') || isWithin(host, '::1/128');
}

/** @param range in CIDR notation; one that is none holds nothing. */
function isWithin(address: string, range: string): boolean {
  const [base = '', bits = ''] = range.split('/', 2);
  if (!isIP(base) || !/^\d{1,3}$/.test(bits) || Number(bits) > (isIPv4(base) ? 32 : 128)) return false;
  // A list counts the addresses of IPv4 to those of IPv6.
  if (!isIP(address) || (isIPv4(address) && !isIPv4(base))) return false;
  const list = new BlockList();
  list.addSubnet(base, Number(bits), familyOf(base));
  return list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
