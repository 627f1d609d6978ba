import { describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  parseAdmissionConfiguration,
  readAdmissionConfiguration,
} from '../../src/config/admission-configuration.ts';
import { DEFAULT_SETTINGS } from '../../src/core/admission/settings.ts';

const HEAD = 'apiVersion: everynode.dev/v1alpha1\nkind: AdmissionConfiguration\n';

function parse(body: string): unknown {
  return parseAdmissionConfiguration(HEAD + body, 'config.yaml');
}

function faultOf(text: string): string {
  try {
    parseAdmissionConfiguration(text, 'config.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as Error).message;
  }
  return 'taken';
}

describe('parseAdmissionConfiguration', () => {
  it('takes what is absent from the defaults', () => {
    expect(parse('')).toEqual(DEFAULT_SETTINGS);
    expect(parse('blastRadius: {removal: {warnPercent: 1}}')).toEqual({
      ...DEFAULT_SETTINGS,
      blastRadius: {
        ...DEFAULT_SETTINGS.blastRadius,
        removal: { ...DEFAULT_SETTINGS.blastRadius.removal, warnPercent: 1 },
      },
    });
  });

  it('takes everything that can be set', () => {
    const settings = {
      rules: { 'selector-overlap': 'warn', impostor: 'off', 'pod-not-pinned': 'warn' },
      blastRadius: {
        removal: { warnPercent: 0, confirmPercent: 5.5 },
        replacement: { warnPercent: 20, confirmPercent: 30 },
      },
      daemonPodMakers: ['system:serviceaccount:a:b'],
      extraTolerations: [
        {
          namespaces: ['monitoring'],
          selector: { matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
          tolerations: [{ key: 'gpu', operator: 'Exists' }],
        },
      ],
    };
    const whole = { apiVersion: 'everynode.dev/v1alpha1', kind: 'AdmissionConfiguration', ...settings };
    expect(parseAdmissionConfiguration(JSON.stringify(whole), 'config.json')).toEqual(settings);
  });

  it.each<[string, string, string]>([
    ['an unknown rule', 'rules: {no-such-rule: deny}', 'rules: Unrecognized key: "no-such-rule"'],
    ['an unknown level', 'rules: {impostor: error}', 'rules.impostor: '],
    [
      'a share over 100',
      'blastRadius: {removal: {confirmPercent: 101}}',
      'blastRadius.removal.confirmPercent: ',
    ],
    ['an unknown field', 'rulez: {}', 'Unrecognized key: "rulez"'],
    [
      'an entry without tolerations',
      'extraTolerations: [{namespaces: [a]}]',
      'extraTolerations.0.tolerations: ',
    ],
    [
      'an unknown operator',
      'extraTolerations: [{tolerations: [{operator: Is}]}]',
      'extraTolerations.0.tolerations.0.operator: ',
    ],
  ])('refuses %s, and says where', (_, body, fault) => {
    expect(faultOf(HEAD + body)).toContain(fault);
    expect(faultOf(HEAD + body)).toContain('config.yaml is not an AdmissionConfiguration');
  });

  it('refuses another kind, nothing at all, and what is no YAML', () => {
    expect(faultOf('')).toContain('(whole file)');
    expect(faultOf('apiVersion: v1\nkind: ConfigMap')).toContain('kind: ');
    expect(faultOf('a: [')).toContain('config.yaml: ');
    expect(faultOf(`${HEAD}rules: {}\nrules: {}`)).toContain('unique');
  });
});

describe('readAdmissionConfiguration', () => {
  it('refuses aliases of nothing, and of too much', () => {
    const bomb = Array.from({ length: 4 }, (_, at) => `${at}: &a${at} [${`*a${at - 1},`.repeat(30)}]\n`);
    const refusal = 'config.yaml has aliases of nothing, or of too much; write them out';
    expect(faultOf(`x: &a-1 1\n${bomb.join('')}`)).toBe(refusal);
    expect(faultOf('x: *y\n')).toContain('config.yaml');
  });

  it('says which file cannot be read', async () => {
    await expect(readAdmissionConfiguration('/nowhere/config.yaml')).rejects.toThrow(
      '/nowhere/config.yaml cannot be read (ENOENT)',
    );
  });
});
