import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lint } from '../../../src/cli/lint/lint.ts';
import type { LintFlags } from '../../../src/cli/lint/options.ts';
import type { AuditReport } from '../../../src/core/audit/report.ts';
import { recordingTerminal } from '../recording-terminal.ts';

const SOUND = `# the agent of every node
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      containers:
        - name: agent
          image: agent:1
          readinessProbe: {exec: {command: [ok]}}
          resources: {requests: {cpu: 1m, memory: 1Mi}, limits: {memory: 2Mi}}
`;

const AFFINITY = 'spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution';

let folder: string;
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everynode-lint-'));
  await writeFile(file('sound.yaml'), SOUND);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

type Ran = { readonly code: number; readonly out: string; readonly report: AuditReport };

async function run(filename: readonly string[], flags: Partial<LintFlags> = {}, stdin = ''): Promise<Ran> {
  const terminal = recordingTerminal();
  const all: LintFlags = {
    filename,
    recursive: false,
    namespace: 'default',
    output: 'json',
    failOn: 'warning',
    off: [],
    ...flags,
  };
  const code = await lint(all, Readable.from([Buffer.from(stdin)]), terminal);
  const out = terminal.stdout.text;
  return {
    code,
    out,
    report: all.output === 'json' ? (JSON.parse(out) as AuditReport) : ({} as AuditReport),
  };
}

/** `rule line:column path` of each finding on standard input. */
async function findings(text: string): Promise<readonly string[]> {
  const { report } = await run(['-'], {}, text);
  return report.findings.map(({ rule, path, location }) =>
    `${rule} ${location?.line}:${location?.column} ${path}`.trim(),
  );
}

describe('lint', () => {
  it('finds nothing in what is sound, and ends with 0', async () => {
    const { code, report } = await run([file('sound.yaml')]);
    expect(report.findings).toEqual([]);
    expect(code).toBe(0);
    expect(report.judged).toEqual({ DaemonSet: 1, 'other object': 0 });
  });

  it('says where, by line and column', async () => {
    expect(await findings(SOUND.replace('image: agent:1', 'image: agent'))).toEqual([
      'image-tag 12:11 spec.template.spec.containers[0].image',
    ]);
    expect(
      await findings(SOUND.replace('      containers', '      restartPolicy: Never\n      containers')),
    ).toEqual(['restart-policy 10:7 spec.template.spec.restartPolicy']);
  });

  it.each<[string, string, string]>([
    [
      'a number as a label',
      SOUND.replace('labels: {app: agent}', 'labels: {app: agent, version: 7}'),
      'well-formed 8:37 spec.template.metadata.labels[version]',
    ],
    [
      'a number as a value of the environment',
      SOUND.replace('image: agent:1', 'image: agent:1\n          env: [{name: A}, {name: PORT, value: 80}]'),
      'well-formed 13:41 spec.template.spec.containers[0].env[1].value',
    ],
    [
      'a word that is no string as an argument',
      SOUND.replace('image: agent:1', 'image: agent:1\n          args: [-v, on]'),
      'well-formed 13:22 spec.template.spec.containers[0].args[1]',
    ],
    [
      'a string where it is true or false',
      SOUND.replace('      containers', '      hostNetwork: "true"\n      containers'),
      'well-formed 10:7 spec.template.spec.hostNetwork',
    ],
    [
      'an operator that does not exist',
      SOUND.replace(
        '{matchLabels: {app: agent}}',
        '{matchExpressions: [{key: app, operator: Is, values: [agent]}]}',
      ),
      'selector-syntax 6:44 spec.selector.matchExpressions[0].operator',
    ],
    [
      'a missing template',
      'apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: a}\nspec: {}\n',
      'well-formed 4:1 spec.template',
    ],
    [
      'an expression without operator',
      `${SOUND}      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms: [{matchExpressions: [{key: pool, values: }]}, {matchExpressions: }]
`,
      `node-affinity-syntax 18:53 ${AFFINITY}.nodeSelectorTerms[0].matchExpressions[0].operator`,
    ],
    [
      'a rollout that is no mapping',
      SOUND.replace('spec:\n', 'spec:\n  updateStrategy: {rollingUpdate: 2}\n'),
      'well-formed 6:20 spec.updateStrategy.rollingUpdate',
    ],
    ['a DaemonSet without version', SOUND.replace('apiVersion: apps/v1\n', ''), 'well-formed 2:1 apiVersion'],
    [
      'one of a version that never was',
      SOUND.replace('apps/v1', 'apps/v1beta1'),
      'deprecated-api 2:1 apiVersion',
    ],
    ['a tab', 'apiVersion: apps/v1\nkind: DaemonSet\nspec:\n\ta: 1\n', 'manifest 4:1'],
    ['a key that is there twice', `${SOUND}spec: {}\n`, 'manifest 15:1'],
    ['a bracket that nobody closes', 'apiVersion: {', 'manifest 1:14'],
    ['a list of its own', '- a\n- b\n', 'manifest 1:1'],
    ['what is binary', 'a: \u0000', 'manifest 1:4'],
  ])('finds %s', async (_, text, finding) => {
    expect(await findings(text)).toContain(finding);
  });

  it('takes fields that are null for absent', async () => {
    const nulls = SOUND.replace('spec:\n', 'spec:\n  updateStrategy: {rollingUpdate: }\n');
    expect(await findings(`${nulls}      affinity: {nodeAffinity: }\n      tolerations:\n`)).toEqual([]);
  });

  it('judges all files together, and every item of a list', async () => {
    const other = SOUND.replace('name: agent}', 'name: other}').replaceAll('\n', '\r\n');
    const { report } = await run(['-'], {}, `${SOUND}---\n${other}`);
    expect(report.findings.map(({ rule, subject }) => `${rule} ${subject.name}`)).toEqual(
      expect.arrayContaining(['selector-overlap agent', 'selector-overlap other']),
    );
    const item = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'a' }, spec: {} };
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [item] });
    expect((await run(['-'], {}, list)).report.judged).toEqual({ DaemonSet: 1, 'other object': 0 });
  });

  it('counts what it passes over, and warns of labels that templates share', async () => {
    const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: s}\n';
    const deployment = SOUND.replace('DaemonSet', 'Deployment').replace('name: agent}', 'name: web}');
    const { report } = await run(['-'], {}, [SOUND, service, deployment].join('---\n'));
    expect(report.judged).toEqual({ DaemonSet: 1, 'other object': 1 });
    expect(report.findings.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['label-theft', 'selector-overlap']),
    );
  });

  it('takes old manifests as what they mean, and says that they are old', async () => {
    const old = SOUND.replace('apps/v1', 'extensions/v1beta1').replace(
      '  selector: {matchLabels: {app: agent}}\n',
      '',
    );
    expect(await findings(old)).toEqual(['deprecated-api 2:1 apiVersion']);
  });

  it('reads folders, and goes on where a file cannot be read', async () => {
    await mkdir(file('within'), { recursive: true });
    await writeFile(file('within/bad.yml'), 'a: [');
    expect((await run([folder])).report.findings).toEqual([]);
    const { code, report } = await run([folder, file('missing.yaml')], { recursive: true });
    expect(report.findings.map(({ location }) => location?.file)).toEqual([file('within/bad.yml')]);
    expect(report.notRead).toEqual([{ what: file('missing.yaml'), why: 'does not exist' }]);
    expect(code).toBe(3);
  });

  it('leaves out rules, accepts what is accepted, and knows a baseline', async () => {
    const text = SOUND.replace('image: agent:1', 'image: agent');
    expect((await run(['-'], { off: ['image-tag'] }, text)).code).toBe(0);
    const accepted = text.replace(
      '{name: agent}',
      '{name: agent, annotations: {everynode.dev/ignore.image-tag: "ours"}}',
    );
    expect((await run(['-'], {}, accepted)).report.suppressed).toHaveLength(1);
    await writeFile(file('known.json'), (await run(['-'], {}, text)).out);
    const again = await run(['-'], { baseline: file('known.json') }, `\n\n${text}`);
    expect([again.code, again.report.known]).toEqual([0, 1]);
  });

  it.each(['table', 'wide', 'yaml', 'sarif', 'junit', 'html'] as const)('prints %s', async (output) => {
    const { code, out } = await run(['-'], { output }, SOUND.replace('image: agent:1', 'image: agent'));
    expect(code).toBe(1);
    expect(out).toContain('image-tag');
    expect(out.endsWith('\n')).toBe(true);
  });

  it('refuses a baseline that is none', async () => {
    await writeFile(file('none.json'), '{}');
    await expect(run(['-'], { baseline: file('none.json') })).rejects.toThrow('is no report');
    await expect(run(['-'], { baseline: file('nowhere.json') })).rejects.toThrow('cannot be read (ENOENT)');
    await expect(run(['-'], { off: ['no-such-rule'] })).rejects.toThrow('there is no rule "no-such-rule"');
  });
});
