import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Manifest, objectsOf, readManifests } from '../../src/manifests/read-manifests.ts';

function read(text: string): readonly Manifest[] {
  return [...readManifests(text, 'agents.yaml')];
}

function readOne(text: string): Manifest {
  const [manifest, ...others] = read(text);
  expect(others).toEqual([]);
  return manifest!;
}

describe('documents', () => {
  const cases: Record<string, readonly [string, readonly unknown[]]> = {
    nothing: ['', []],
    'comments alone': ['# later\n', []],
    'empty documents': ['---\n---\n# no\n---\n', []],
    several: ['a: 1\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    'a marker first, with a comment before it': ['# one\n---\na: 1\n', [{ a: 1 }]],
    'content on the line of the marker': ['--- {a: 1}\n--- # two\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    'a marker within a text, indented': ['a: |\n  x\n  ---\n  y\n', [{ a: 'x\n---\ny\n' }]],
    'an end and directives': ['%YAML 1.1\n---\na: 1\n...\n%YAML 1.1\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    'no line break at the end': ['a: 1\n---\nb: 2', [{ a: 1 }, { b: 2 }]],
    'a byte order mark': ['\uFEFFa: 1\n', [{ a: 1 }]],
    CRLF: ['a: |\r\n  x\r\n  y\r\n---\r\nb: 2\r\n', [{ a: 'x\ny\n' }, { b: 2 }]],
    JSON: ['{"a": "\\ud83d\\ude00 \\/ }"}', [{ a: '😀 / }' }]],
    'JSON with tabs': ['{\n\t"a": [\n\t\t1\n\t]\n}\n', [{ a: [1] }]],
    'JSON objects one after the other': ['{"a": "}"}\n{"b": 2}{"c": 3}\n', [{ a: '}' }, { b: 2 }, { c: 3 }]],
    'words and numbers as kubectl reads them': [
      'yes: on\nmode: 0644\nday: 2001-01-01\ntime: 12:30:45\nfloat: 1:2.5\nsome: 1_000\n',
      [{ true: true, mode: 0o644, day: '2001-01-01', time: '12:30:45', float: '1:2.5', some: 1000 }],
    ],
    "numbers as Go's reader has them": [
      'a: [0o644, -0X1f, 1e3, +.5, 1e1_0, 0b11, 089, 0_]\n',
      [{ a: [0o644, -31, 1000, 0.5, 1e10, 3, 89, 0] }],
    ],
    'what only looks like a number': [
      'a: [e1, E5, ., -., .e1, 0x_, 12e4567, 1.2.3]\n',
      [{ a: ['e1', 'E5', '.', '-.', '.e1', '0x_', '12e4567', '1.2.3'] }],
    ],
    'a merge key below a field, which it takes the place of': [
      'a: &x {b: 1, c: 1}\nd: {b: 0, <<: *x, c: 2}\ne: {<<: [{b: 3}, *x]}\n',
      [{ a: { b: 1, c: 1 }, d: { b: 1, c: 2 }, e: { b: 3, c: 1 } }],
    ],
    'anchors, aliases and merge keys': [
      'a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2\n',
      [{ a: { b: 1 }, c: { b: 1 }, d: { b: 1, e: 2 } }],
    ],
  };
  it.each(Object.entries(cases))('%s', (_, [text, objects]) => {
    const manifests = read(text);
    expect(manifests.flatMap(({ faults }) => faults)).toEqual([]);
    expect(manifests.map(({ object }) => object)).toEqual(objects);
  });

  it('one that is no YAML spoils no other, and keeps its number', () => {
    const manifests = read('a: 1\n---\n---\nb: [\n---\nc: 3\n');
    expect(manifests.map(({ index, object }) => [index, object])).toEqual([
      [0, { a: 1 }],
      [2, undefined],
      [3, { c: 3 }],
    ]);
  });

  it('says what it was read from', () => {
    expect(readOne('a: 1\n')).toMatchObject({ source: 'agents.yaml', index: 0, text: 'a: 1\n' });
  });
});

describe('faults', () => {
  const cases: Record<string, readonly [string, number, number, RegExp]> = {
    'a duplicate key': ['a: 1\nb:\n  "c": 1\n  "c": 2\n', 4, 3, /^"c" is there twice in one mapping/],
    'a duplicate key in a later document': ['x: 1\n---\na: 1\na: 2\n', 4, 1, /^a is there twice/],
    'a duplicate key of JSON': ['{"a": 1,\n "a": 2}', 2, 2, /^"a" is there twice/],
    'a tab': ['a:\n\tb: 1\n', 2, 1, /^a tab indents this line/],
    'two colons': ['a: b: c\n', 1, 4, /^a second colon follows/],
    'a list that never ends': ['a: [1, 2\nb: 3\n', 2, 1, /^is not YAML: Flow sequence/],
    'a string that never ends': ['a: "x\n', 2, 1, /^is not YAML: Missing closing "quote/],
    'an alias of nothing': ['a: 1\nb: *no\n', 2, 4, /^\*no is the alias of no anchor/],
    'an alias of what it is in': ['a: &x\n  b: *x\n', 2, 6, /^\*x is part of what it stands for/],
    'a template that was not rendered': [
      'a: {{ .Values.x }}\n',
      1,
      5,
      /give what is made of it \(helm template/,
    ],
    'a list as key': ['? [a]\n: 1\n', 1, 3, /^a mapping or list cannot be a key/],
    'binary content': ['a: !!binary aGk=\n', 1, 13, /^is !!binary/],
    'a control character': ['a: 1\nb: x\u0000y\n', 2, 5, /^holds the control character U\+0000/],
    'a list': ['# no\n- a\n', 2, 1, /^is not a Kubernetes object: found a list$/],
    'a word': ['hello\n', 1, 1, /^is not a Kubernetes object: found the string "hello"$/],
    'a document that is too long': [
      `x: 1\n---\na: ${'x'.repeat(8 * 1024 * 1024)}\n`,
      2,
      1,
      /^this document is longer than 8 MiB/,
    ],
    'a number beyond JSON': ['a: .inf\n', 1, 4, /^is a number that JSON does not have/],
    'a key that is null': ['a: 1\n~: b\n', 2, 1, /^is null, which cannot be a key/],
    'a merge of no mapping': ['a: 1\nb:\n  <<: x\n', 3, 3, /^<< merges what is no mapping/],
    'a marker that something stands against': [
      'a: 1\n---apiVersion: v1\n',
      2,
      1,
      /^--- separates documents, and has to stand alone/,
    ],
    'a byte order mark within': ['a: 1\n---\n\uFEFFkind: X\n', 3, 1, /^a byte order mark \(U\+FEFF\)/],
    'aliases without end': [bomb(), 1, 1, /aliases of an anchor within another/],
  };
  it.each(Object.entries(cases))('%s', (_, [text, line, column, message]) => {
    const manifest = read(text).at(-1)!;
    expect(manifest.object).toBeUndefined();
    expect(manifest.faults[0]).toEqual({ line, column, message: expect.stringMatching(message) });
  });

  it('one for what is nested without end, without the words of the parser', () => {
    const { faults } = readOne(`a: ${'['.repeat(20_000)}`);
    expect(faults.map(({ message }) => message)).toEqual(['is nested too deeply to be read']);
  });

  it('does not throw, whatever the text is', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '---\n',
        'a: ',
        '- ',
        '  ',
        '\n',
        '\t',
        '"',
        "'",
        '{',
        '}',
        '[',
        ']',
        '&x ',
        '*x',
        '<<: ',
        '|\n',
        '? ',
        '!',
        '#',
        '\r\n',
        '%',
        '...\n',
      ),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        for (const { object, faults, positionOf } of read(pieces.join(''))) {
          expect(object === undefined).toBe(faults.length > 0);
          positionOf('a.b[0]');
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('positions', () => {
  const text = `# of the agent
apiVersion: v1
---
metadata:
  labels: &labels
    app.kubernetes.io/name: agent
spec:
  containers:
    - name: a
    - name: b
      env: [{name: X}, {name: Y}]
  other: *labels
`;
  const cases: Record<string, readonly [number, number]> = {
    '': [4, 1],
    'metadata.labels': [5, 3],
    'metadata.labels[app.kubernetes.io/name]': [6, 5],
    'spec.containers[1]': [10, 7],
    'spec.containers[1].name': [10, 7],
    'spec.containers[1].env[1].name': [11, 25],
    'spec.containers[7].name': [8, 3],
    'spec.containers[0].image': [9, 7],
    'spec.other.app': [12, 3],
    status: [4, 1],
  };
  it.each(Object.entries(cases))('of %j', (path, [line, column]) => {
    expect(read(text)[1]?.positionOf(path)).toEqual({ line, column });
  });

  it('of a field of JSON', () => {
    expect(readOne('{\n  "a": {\n    "b": [1,\n 2]}}').positionOf('a.b[1]')).toEqual({ line: 4, column: 2 });
  });

  it('of nothing where the document could not be read', () => {
    expect(readOne('a: [').positionOf('a')).toBeUndefined();
  });
});

describe('objects', () => {
  it('are the document itself', () => {
    expect(objectsOf(readOne('kind: DaemonSet\n'))).toMatchObject([
      { path: [], object: { kind: 'DaemonSet' } },
    ]);
  });

  it('are the items of a List, lists within it too, each with its own positions', () => {
    const [first, second, ...others] = objectsOf(
      readOne(
        'kind: List\nitems:\n- kind: Service\n- kind: DaemonSetList\n  items:\n  - metadata:\n      name: x\n',
      ),
    );
    expect(others).toEqual([]);
    expect(first).toMatchObject({ path: ['items', 0], object: { kind: 'Service' } });
    expect(second).toMatchObject({ path: ['items', 1, 'items', 0], object: { metadata: { name: 'x' } } });
    expect(second?.positionOf('metadata.name')).toEqual({ line: 7, column: 7 });
  });
});

function bomb(): string {
  const line = (name: string, of: string): string =>
    `${name}: &${name} [${Array(12).fill(`*${of}`).join(', ')}]\n`;
  const names = ['b', 'c', 'd', 'e', 'f'];
  return `a: &a [1]\n${names.map((name, at) => line(name, at === 0 ? 'a' : names[at - 1]!)).join('')}`;
}
