import { InvalidArgumentError, type Option } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  bindAddress,
  servingOptions,
  DEFAULT_LEASE_NAME,
  DEFAULT_NAMESPACE,
  syncOptions,
  webhookOptions,
  wholeNumber,
} from '../../src/cli/options.ts';

describe('wholeNumber', () => {
  it.each([
    ['0', 0],
    ['7', 7],
    ['65535', 65_535],
    ['007', 7],
  ])('takes %s', (text, value) => {
    expect(wholeNumber(0, 65_535)(text)).toBe(value);
  });

  it.each(['', ' 7', '-1', '+7', '7.0', '1e3', '0x10', '7s', 'seven', '65536', '９'])(
    'refuses %j',
    (text) => {
      expect(() => wholeNumber(0, 65_535)(text)).toThrow(InvalidArgumentError);
      expect(() => wholeNumber(0, 65_535)(text)).toThrow('Expected a whole number from 0 to 65535.');
    },
  );

  it('refuses what is below the lower bound, and takes the bound', () => {
    expect(wholeNumber(1)('1')).toBe(1);
    expect(() => wholeNumber(1)('0')).toThrow('Expected a whole number from 1 up.');
  });

  it('refuses what a number cannot hold exactly', () => {
    expect(wholeNumber(0)('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => wholeNumber(0)('9007199254740993')).toThrow(InvalidArgumentError);
  });
});

describe('bindAddress', () => {
  it.each([
    ['127.0.0.1:9090', { host: '127.0.0.1', port: 9090 }],
    ['metrics.local:0', { host: 'metrics.local', port: 0 }],
    [':8080', { host: '', port: 8080 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
    ['0', undefined],
  ])('takes %s', (text, address) => {
    expect(bindAddress(text)).toEqual(address);
  });

  it.each(['', '8080', 'localhost', 'localhost:', ':65536', ':http', '::1:8080', '[::1]', '[x]:80', ':-1'])(
    'refuses %j',
    (text) => {
      expect(() => bindAddress(text)).toThrow(InvalidArgumentError);
      expect(() => bindAddress(text)).toThrow('Expected HOST:PORT, :PORT, [IPv6]:PORT, or 0.');
    },
  );
});

/** The option of that long name. */
function option(long: string): Option {
  const all = [...servingOptions(), ...syncOptions(), ...webhookOptions()];
  const found = all.find((candidate) => candidate.long === long);
  if (!found) throw new Error(`there is no option ${long}`);
  return found;
}

describe('options', () => {
  it.each([
    ['--mode', 'auto', ['own', 'assist', 'auto']],
    ['--placement', 'scheduler', ['scheduler', 'direct']],
    ['--failure-policy', 'Ignore', ['Ignore', 'Fail']],
    ['--register', 'all', ['all', 'ca-bundle', 'none']],
    ['--log-level', 'info', ['debug', 'info', 'warn', 'error', 'silent']],
  ])('%s is %s unless another of its words is given', (long, byDefault, choices) => {
    expect(option(long)).toMatchObject({ defaultValue: byDefault, argChoices: choices });
  });

  it.each([
    ['--namespace', DEFAULT_NAMESPACE],
    ['--lease-name', DEFAULT_LEASE_NAME],
    ['--strict-upstream', false],
    ['--unregister', false],
    ['--concurrent-syncs', 8],
    ['--probe-timeout', 5],
    ['--host', '127.0.0.1'],
    ['--port', 9443],
    ['--cert-dir', 'certs'],
    ['--cert-secret', undefined],
    ['--configuration-name', 'everynode'],
    ['--max-body-bytes', 8_388_608],
  ])('%s is %s by default', (long, value) => {
    expect(option(long).defaultValue).toBe(value);
  });

  it.each([
    ['--concurrent-syncs', '0'],
    ['--probe-timeout', '0'],
    ['--port', '65536'],
    ['--max-body-bytes', '1023'],
  ])('%s refuses %s', (long, text) => {
    expect(() => option(long).parseArg?.(text, undefined)).toThrow('Expected a whole number');
  });

  it('name replicas differently', () => {
    const names = [option('--identity').defaultValue, option('--identity').defaultValue];
    expect(names[0]).not.toBe(names[1]);
  });
});
