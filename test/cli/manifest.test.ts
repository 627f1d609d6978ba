import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/cli/exit-codes.ts';
import { assertServed, type DaemonSetManifest, inNamespace, parseDaemonSet } from '../../src/cli/manifest.ts';
import { EXAMPLE_MANIFEST } from '../../src/cli/up/provide-cluster.ts';

const HEAD = 'apiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: demo\n';
const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: demo\n';

function refusalOf(text: string): unknown {
  try {
    return parseDaemonSet(text, 'demo.yaml');
  } catch (error) {
    return error;
  }
}

describe('a manifest that cannot be used', () => {
  const nothing = 'holds no DaemonSet but nothing; give a file with one object of kind: DaemonSet';
  const several = 'holds 2 objects; give a file with one DaemonSet and nothing else';
  const noVersion = 'apiVersion is missing; for a DaemonSet write apiVersion: apps/v1';
  const noName = 'metadata.name is missing; give the DaemonSet a name';
  const cases: Record<string, readonly [string, string]> = {
    'an empty file': ['', nothing],
    'only comments': ['# later\n', nothing],
    'empty documents': ['---\n---\n', nothing],
    'another kind': [
      SERVICE,
      'holds no DaemonSet but Service; give a file with one object of kind: DaemonSet',
    ],
    'several other kinds, each named once': [
      `${SERVICE}---\n${SERVICE}---\nkind: Pod\n`,
      'holds no DaemonSet but Service, Pod; give a file with one object of kind: DaemonSet',
    ],
    'a list of objects': [
      `kind: List\nitems: []\n`,
      'holds no DaemonSet but List; give a file with one object of kind: DaemonSet',
    ],
    'an object without kind': [
      'metadata: {}\n',
      'holds no DaemonSet but an object without kind; give a file with one object of kind: DaemonSet',
    ],
    'a kind that is no text': [
      'kind: 7\n',
      'holds no DaemonSet but an object without kind; give a file with one object of kind: DaemonSet',
    ],
    'two DaemonSets': [`${HEAD}---\n${HEAD}`, several],
    'a DaemonSet and something else': [`${SERVICE}---\n${HEAD}`, several],
    'no apiVersion': ['kind: DaemonSet\nmetadata: {name: demo}\n', noVersion],
    'an apiVersion that is no text': ['apiVersion: 1\nkind: DaemonSet\nmetadata: {name: demo}\n', noVersion],
    'no metadata': ['apiVersion: apps/v1\nkind: DaemonSet\n', noName],
    'metadata that are a list': ['apiVersion: apps/v1\nkind: DaemonSet\nmetadata: [name]\n', noName],
    'no name': ['apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {}\n', noName],
    'an empty name': ['apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: ""}\n', noName],
    'a name that is a number': ['apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: 7}\n', noName],
  };

  it.each(Object.entries(cases))('%s', (_, [text, message]) => {
    expect(refusalOf(text)).toEqual(new UsageError(`demo.yaml: ${message}`));
  });

  it.each([
    ['a list', '- kind: DaemonSet\n', '1:1: is not a Kubernetes object: found a list'],
    ['no object beside a good one', `${HEAD}---\n7\n`, '6:1: is not a Kubernetes object: found the number 7'],
    ['a tab for indentation', '\tx: 1\n', '1:1: a tab indents this line; YAML takes spaces only'],
    ['the same key twice', `${HEAD}kind: A\n`, '5:1: kind is there twice in one mapping; keep one of them'],
    [
      'more than any object is',
      'a: b\n'.repeat(1_700_000),
      '1:1: this document is longer than 8 MiB; split it into several, by lines ---',
    ],
  ])('%s, with its place', (_, text, message) => {
    expect(refusalOf(text)).toEqual(new UsageError(`demo.yaml:${message}`));
  });

  it('is refused with an error of its own, so that the exit code is that of bad input', () => {
    expect(refusalOf('')).toBeInstanceOf(UsageError);
  });

  it.each([
    ['an alias without an anchor', 'spec: *nope\n'],
    [
      'aliases that unfold without end',
      `a: &a [${'x,'.repeat(30)}]\nb: &b [${'*a,'.repeat(30)}]\nc: &c [${'*b,'.repeat(30)}]\nd: [${'*c,'.repeat(30)}]\n`,
    ],
  ])('%s', (_, text) => {
    expect(refusalOf(HEAD + text)).toBeInstanceOf(UsageError);
  });
});

describe('a manifest that can be used', () => {
  it('is kept whole', () => {
    const text = `${HEAD}  labels: {app: demo}\nspec:\n  template:\n    spec: {hostPID: true}\n`;
    expect(parseDaemonSet(text, 'demo.yaml')).toEqual({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'demo', labels: { app: 'demo' } },
      spec: { template: { spec: { hostPID: true } } },
    });
  });

  it.each([
    ['after a document marker', `---\n${HEAD}`],
    ['between empty documents', `---\n---\n${HEAD}---\n# nothing more\n`],
    ['before the end of the stream', `${HEAD}...\n`],
    ['after a byte order mark', `\uFEFF${HEAD}`],
    ['with the line ends of Windows', HEAD.replaceAll('\n', '\r\n')],
    ['in JSON', '{"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "demo"}}'],
  ])('is found %s', (_, text) => {
    expect(parseDaemonSet(text, 'demo.yaml').metadata.name).toBe('demo');
  });

  it.each(['apps/v1', 'apps/v1beta2', 'extensions/v1beta1', 'example.com/v1'])(
    'may be of the version %s, whether or not it is served',
    (apiVersion) => {
      expect(parseDaemonSet(HEAD.replace('apps/v1', apiVersion), 'demo.yaml').apiVersion).toBe(apiVersion);
    },
  );

  it('is there: the example that is shown when none is given', () => {
    const example = parseDaemonSet(readFileSync(EXAMPLE_MANIFEST, 'utf8'), EXAMPLE_MANIFEST);
    expect(example).toMatchObject({ apiVersion: 'apps/v1', metadata: { name: 'fluentd-elasticsearch' } });
  });
});

describe('YAML as kubectl reads it', () => {
  const valueOf = (text: string): unknown => parseDaemonSet(`${HEAD}value: ${text}\n`, 'demo.yaml')['value'];

  it.each([
    ['yes', true],
    ['off', false],
    ['"yes"', 'yes'],
    ['0644', 420],
    ['1_000', 1000],
    ['~', null],
    ['100m', '100m'],
    ['1e3', 1000],
  ])('takes %s for %j', (text, value) => {
    expect(valueOf(text)).toBe(value);
  });

  it('merges what << brings', () => {
    expect(valueOf('{<<: &base {a: 1}, b: 2}')).toEqual({ a: 1, b: 2 });
  });
});

describe('in another namespace', () => {
  it('is the same text but for the namespace', () => {
    const text = `# mine\n${HEAD}  namespace: kube-system # there\nspec: {at: 22:30, on: 2024-01-15, id: 9007199254740993}\n`;
    expect(inNamespace(text, 'everynode-system')).toBe(
      '# mine\napiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: demo\n  namespace: everynode-system # there\n' +
        'spec: { at: 22:30, on: 2024-01-15, id: 9007199254740993 }\n',
    );
  });

  it.each(['2024-01-15T10:00:00Z', '2024-01-15T10:00:00+02:00', '1.000000000000000000001'])(
    'leaves %s as it was written',
    (value) => {
      expect(inNamespace(`${HEAD}note: ${value}\n`, 'x')).toContain(`note: ${value}\n`);
    },
  );

  it('gets one where it had none, and passes over empty documents', () => {
    const moved = parseDaemonSet(inNamespace(`---\n---\n${HEAD}`, 'everynode-system'), 'demo.yaml');
    expect(moved.metadata).toEqual({ name: 'demo', namespace: 'everynode-system' });
  });

  it('is JSON if it was', () => {
    const text = '{"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "demo"}}';
    expect(parseDaemonSet(inNamespace(text, 'x'), 'demo.json').metadata.namespace).toBe('x');
  });
});

describe('assertServed', () => {
  const manifest = (apiVersion: string): DaemonSetManifest =>
    parseDaemonSet(HEAD.replace('apps/v1', apiVersion), 'demo.yaml');

  it('takes a version that the server serves', () => {
    expect(assertServed(manifest('apps/v1'), ['apps/v1beta2', 'apps/v1'], 'demo.yaml')).toBeUndefined();
  });

  it.each([
    [
      'extensions/v1beta1',
      ['apps/v1'],
      'it serves DaemonSets as apps/v1. To convert it: everynode convert -f demo.yaml --write',
    ],
    [
      'apps/v1beta2',
      ['apps/v1', 'example.com/v1'],
      'it serves DaemonSets as apps/v1, example.com/v1. To convert it: everynode convert -f demo.yaml --write',
    ],
    ['apps/v1', [], 'it serves no DaemonSets at all'],
  ])('refuses %s where %j are served, and says what to do', (apiVersion, served, says) => {
    const check = (): void => assertServed(manifest(apiVersion), served, 'demo.yaml');
    expect(check).toThrow(UsageError);
    expect(check).toThrow(
      `demo.yaml: apiVersion: the server does not serve DaemonSets as ${apiVersion}; ${says}`,
    );
  });
});
