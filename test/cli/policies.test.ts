import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runProgram } from '../../src/cli/program.ts';
import { policies } from '../../src/core/admission/cel/policies.ts';
import { recordingTerminal } from './recording-terminal.ts';

const COMMITTED = new URL('../../charts/everynode/files/validating-admission-policies.yaml', import.meta.url);

async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = recordingTerminal();
  const code = await runProgram(['policies', ...args], terminal);
  return { code, out: terminal.stdout.text, err: terminal.stderr.text };
}

function objectsIn(yaml: string): readonly unknown[] {
  return parseAllDocuments(yaml, { version: '1.1' }).map((document) => document.toJS() as unknown);
}

describe('everynode policies', () => {
  it('prints YAML that says what the policies say', async () => {
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(objectsIn(out)).toEqual(policies());
  });

  it('prints one List as JSON', async () => {
    const { out } = await run('-o', 'json');
    expect(JSON.parse(out)).toEqual({ apiVersion: 'v1', kind: 'List', items: policies() });
  });

  it('takes levels, and leaves rules out that are off', async () => {
    const { out } = await run('--rule', 'surge-host-port=deny', '--rule=placement-unknown=off');
    expect(objectsIn(out)).toEqual(
      policies({ levels: { 'surge-host-port': 'deny', 'placement-unknown': 'off' } }),
    );
    expect(out).not.toContain('placement-unknown');
  });

  it('takes levels from the configuration, which --rule overrides', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'everynode-policies-'));
    const file = join(dir, 'config.yaml');
    try {
      await writeFile(
        file,
        'apiVersion: everynode.dev/v1alpha1\nkind: AdmissionConfiguration\n' +
          'rules: {surge-host-port: deny, placement-unknown: deny, host-port-clash: off}\n',
      );
      const { out } = await run('--config', file, '--rule=placement-unknown=off');
      expect(objectsIn(out)).toEqual(
        policies({ levels: { 'surge-host-port': 'deny', 'placement-unknown': 'off' } }),
      );
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('fails closed only outside the system namespaces', async () => {
    const { out } = await run('--failure-policy=Fail', '--namespace=ours');
    expect(objectsIn(out)).toEqual(
      policies({ failurePolicy: 'Fail', systemNamespaces: ['kube-system', 'ours'] }),
    );
  });

  it.each([
    ['surge-host-port', 'Expected RULE=LEVEL with the level deny, warn or off.'],
    ['surge-host-port=maybe', 'Expected RULE=LEVEL with the level deny, warn or off.'],
    ['surge-hostport=deny', 'there is no policy for "surge-hostport"; there is one for surge-host-port, '],
    ['host-port-clash=off', 'host-port-clash has no policy: only the webhook applies it'],
    ['restart-policy=off', 'the API server itself refuses what breaks it'],
  ])('refuses --rule %s and says why', async (rule, message) => {
    const { code, out, err } = await run('--rule', rule);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  it('has its output in the chart, up to date: npm run generate', async () => {
    expect(readFileSync(COMMITTED, 'utf8')).toBe((await run()).out);
  });
});
