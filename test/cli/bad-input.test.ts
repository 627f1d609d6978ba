import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { recordingTerminal } from './recording-terminal.ts';

const SOUND = `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector:
    matchLabels: {app: agent}
  template:
    metadata:
      labels: {app: agent}
    spec:
      containers:
        - name: agent
          image: agent:1
          readinessProbe: {httpGet: {path: /, port: 80}}
          resources: {requests: {cpu: 10m, memory: 1Mi}, limits: {memory: 1Mi}}
`;
const NODE = `apiVersion: v1
kind: Node
metadata: {name: n1}
status: {allocatable: {cpu: '4', memory: 8Gi, pods: '110'}}
`;
const AFFINITY = `    spec:
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms: [{matchExpressions: [{key: disk, operator: Is}]}]
`;

const old = (text: string): string => text.replace('apps/v1', 'extensions/v1beta1');
const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
const twice = (text: string): string =>
  text.replace('kind: DaemonSet\n', 'kind: DaemonSet\nkind: DaemonSet\n');
/** As an item of a list, with or without the lines that say what it is. */
const item = (text: string, from: number): string =>
  `- ${text.split('\n').slice(from).join('\n  ').trimEnd()}\n`;

let folder: string;
let nodes: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everynode-bad-'));
  nodes = join(folder, 'nodes.yaml');
  await writeFile(nodes, NODE);
});

afterAll(() => rm(folder, { recursive: true }));

type Ran = { readonly code: number; readonly text: string };

/** What the command says of the file, with nothing before the place in it. */
async function said(command: 'lint' | 'convert' | 'plan', bytes: string | Uint8Array): Promise<Ran> {
  const file = join(folder, 'agent.yaml');
  await writeFile(file, bytes);
  const terminal = recordingTerminal();
  const flags = command === 'plan' ? [`--nodes=${nodes}`] : [];
  const code = await runProgram([command, '-f', file, ...flags], terminal);
  // What convert prints on stdout is the manifest.
  const text = (command === 'convert' ? '' : terminal.stdout.text) + terminal.stderr.text;
  expect(text).not.toMatch(/^ {4}at |TypeError|\[object /m);
  return { code, text: text.replaceAll(`${file}:`, '') };
}

/** What every command says, with the place. */
type Answer = readonly [place: string, message: string];

const refusedByAll: Record<string, readonly [string | Uint8Array, ...Answer]> = {
  'a duplicate key': [twice(SOUND), '3:1', 'kind is there twice in one mapping; keep one of them'],
  'a duplicate key, with CRLF': [crlf(twice(SOUND)), '3:1', 'kind is there twice in one mapping'],
  'a tab': [SOUND.replace('  selector', '\tselector'), '5:1', 'a tab indents this line; YAML takes spaces'],
  'an alias of no anchor': [
    SOUND.replace('labels: {app: agent}', 'labels: *no'),
    '9:15',
    '*no is the alias of no anchor',
  ],
  '50 MiB': [Buffer.alloc(50 * 1024 * 1024, '#'), '1:1', 'is 50 MiB or more; at most 32 MiB are read'],
  'what is binary': [`${SOUND}\0`, '16:1', 'is binary, not a manifest: it holds a zero byte'],
  'no object': ['- a\n- b\n', '1:1', 'is not a Kubernetes object: found a list'],
};

describe.each(Object.entries(refusedByAll))('%s', (_, [bytes, place, message]) => {
  it('is a finding of lint, with its place', async () => {
    const { code, text } = await said('lint', bytes);
    expect(code).toBe(1);
    expect(text).toMatch(new RegExp(`^error +manifest +${place}$`, 'm'));
    expect(text).toContain(message);
  });

  it('is a problem of convert, with its place', async () => {
    const { code, text } = await said('convert', typeof bytes === 'string' ? old(bytes) : bytes);
    expect(code).toBe(1);
    expect(text).toContain(`${place}: error: ${message}`);
  });

  it('is bad input of plan, in one sentence with its place', async () => {
    const { code, text } = await said('plan', bytes);
    expect(code).toBe(2);
    expect(text).toContain(`everynode: ${place}: ${message}`);
    expect(text.trim().split('\n')).toHaveLength(1);
  });
});

/** YAML that is sound, of DaemonSets that no API server would take. */
const refused: Record<string, { text: string; rule: string; plan: string; convert?: string }> = {
  'a missing template': {
    text: SOUND.slice(0, SOUND.indexOf('  template')),
    rule: 'well-formed  4:1',
    plan: '4:1: spec.template: is missing, and without it there is no DaemonSet',
    convert: '4:1: error: spec.template is missing',
  },
  'a number as a label': {
    text: SOUND.replace('labels: {app: agent}', 'labels: {app: agent, version: 7}'),
    rule: 'well-formed  9:28',
    plan: '9:28: spec.template.metadata.labels[version]: is the number 7, and must be a string',
    convert: '9:28: error: spec.template.metadata.labels.version is the number 7; put it into quotes',
  },
  'an operator of the selector that does not exist': {
    text: SOUND.replace(
      'matchLabels: {app: agent}',
      'matchExpressions: [{key: app, operator: Is, values: [agent]}]',
    ),
    rule: 'selector-syntax  6:35',
    plan: '6:35: spec.selector.matchExpressions[0].operator: is "Is"; set it to In, NotIn,',
  },
  'an operator of node affinity that does not exist': {
    text: SOUND.replace('    spec:\n', AFFINITY),
    rule: 'node-affinity-syntax  14:65',
    plan: '14:65: spec.template.spec.affinity.nodeAffinity.required',
  },
};

describe.each(Object.entries(refused))('%s', (_, { text, rule, plan, convert }) => {
  it('is a finding of lint, with its place', async () => {
    const found = await said('lint', text);
    expect(found.code).toBe(1);
    expect(found.text).toContain(`error  ${rule} DaemonSet default/agent\n`);
  });

  it('is bad input of plan, in one sentence with its place', async () => {
    const planned = await said('plan', text);
    expect(planned.code).toBe(2);
    expect(planned.text).toContain(`everynode: ${plan}`);
    expect(planned.text.trim().split('\n')).toHaveLength(1);
  });

  it(`is ${convert ? 'a problem of convert, with its place' : 'no business of convert'}`, async () => {
    const converted = await said('convert', old(text));
    expect(converted.code).toBe(convert ? 1 : 0);
    if (convert) expect(converted.text).toContain(convert);
  });
});

/** What looks odd, and is as good as any other. */
const taken: Record<string, string> = {
  'anchors and aliases': SOUND.replace('matchLabels: {', 'matchLabels: &labels {').replace(
    'labels: {app: agent}\n    spec',
    'labels: *labels\n    spec',
  ),
  CRLF: crlf(SOUND),
  'a List': `apiVersion: v1\nkind: List\nitems:\n${item(SOUND, 0)}`,
  'a DaemonSetList whose items do not say what they are': `apiVersion: apps/v1\nkind: DaemonSetList\nitems:\n${item(SOUND, 2)}`,
};

describe.each(Object.entries(taken))('%s', (_, text) => {
  it('is sound to lint', async () => {
    const { code, text: out } = await said('lint', text);
    expect({ code, out }).toEqual({
      code: 0,
      out: '0 errors, 0 warnings, 0 info. Looked at 1 DaemonSet, 0 other objects.\n',
    });
  });

  it('is converted', async () => {
    const { code, text: notes } = await said('convert', old(text));
    expect(notes).toContain('1 DaemonSet converted');
    expect(code).toBe(0);
  });

  it('is planned', async () => {
    const { code, text: out } = await said('plan', text);
    expect(out).toContain('DaemonSet default/agent (new): 1 node gets a pod');
    expect(code).toBe(0);
  });
});
