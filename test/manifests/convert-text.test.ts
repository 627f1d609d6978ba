import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Document, Scalar, visit } from 'yaml';
import { convertDaemonSet } from '../../src/core/convert/convert.ts';
import { applyEdit } from '../../src/core/convert/edit.ts';
import { convertText } from '../../src/manifests/convert-text.ts';
import { readManifests } from '../../src/manifests/read-manifests.ts';
import { oldDaemonSet } from '../builders/old-daemonset.ts';

const OLD = `apiVersion: "extensions/v1beta1" # old
kind: DaemonSet
metadata: {name: agent, labels: {a: b}}
spec: # begins
  # the template
  template:
    metadata:
      labels:
        app: 'agent' # label
    spec:
      serviceAccount: x # account
      containers:
      - name: a
`;
const NEW = `apiVersion: "apps/v1" # old
kind: DaemonSet
metadata: {name: agent, labels: {a: b}}
spec: # begins
  selector:
    matchLabels:
      app: agent
  updateStrategy:
    type: OnDelete
  # the template
  template:
    metadata:
      labels:
        app: 'agent' # label
    spec:
      serviceAccountName: x # account
      containers:
      - name: a
`;
const SERVICE = `# of the agent\n"kind" :   Service\nmetadata: {  }\nspec:\n    ports: [ ]   # none\n`;

const DONE = { problems: [], counts: { converted: 1, unchanged: 0, others: 0 } };

describe('a text', () => {
  it('changes where it has to, and nowhere else', () => {
    expect(convertText(OLD, 'agent.yaml')).toMatchObject({ ...DONE, text: NEW });
  });

  it('keeps CRLF', () => {
    const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
    expect(convertText(crlf(OLD), 'agent.yaml').text).toBe(crlf(NEW));
  });

  it('keeps objects of other kinds, markers and what is between them', () => {
    const around = (text: string): string =>
      `\uFEFF# first\n---\n${SERVICE}\n\n--- # next\n${text}\n---\n# nothing\n---\n${SERVICE}...\n# end`;
    expect(convertText(around(OLD), 'agent.yaml')).toMatchObject({
      text: around(NEW),
      problems: [],
      counts: { converted: 1, unchanged: 0, others: 2 },
    });
  });

  it('keeps its end where that is no line break', () => {
    expect(convertText(OLD.trimEnd(), 'agent.yaml').text).toBe(NEW.trimEnd());
  });

  it("keeps strings that are numbers for kubectl's reader alone", () => {
    const { text } = convertText(OLD.replace("'agent'", "'0o17'"), 'agent.yaml');
    expect(text).toContain('matchLabels:\n      app: "0o17"\n');
  });

  it('is converted item by item where it is a List', () => {
    const indented = (text: string): string => text.trimEnd().replaceAll('\n', '\n  ');
    const list = (text: string): string =>
      `kind: List\nitems:\n- ${indented(text)}\n# service\n- ${indented('kind: Service\nx: []')}\n- ${indented(text)}\n`;
    expect(convertText(list(OLD), 'agents.yaml')).toMatchObject({
      text: list(NEW),
      counts: { converted: 2, unchanged: 0, others: 1 },
    });
  });

  it('says what it did, why and where', () => {
    expect(
      convertText(`---\n${OLD}`, 'agent.yaml').notes.map(({ line, column, field }) => [line, column, field]),
    ).toEqual([
      [5, 1, 'spec.updateStrategy'],
      [5, 1, 'spec.selector'],
      [2, 1, 'apiVersion'],
      [12, 7, 'spec.template.spec.serviceAccount'],
    ]);
  });
});

describe('JSON', () => {
  const object = {
    apiVersion: 'extensions/v1beta1',
    kind: 'DaemonSet',
    metadata: { name: 'a', labels: { a: 'b' } },
    spec: {
      template: {
        metadata: { labels: { app: 'a' } },
        spec: { serviceAccount: 'x', serviceAccountName: 'x' },
      },
    },
  };
  const after = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'a', labels: { a: 'b' } },
    spec: {
      selector: { matchLabels: { app: 'a' } },
      updateStrategy: { type: 'OnDelete' },
      template: { metadata: { labels: { app: 'a' } }, spec: { serviceAccountName: 'x' } },
    },
  };
  it.each([['  '], ['\t'], ['    ']])('stays JSON, indented by %j', (indent) => {
    const write = (value: unknown): string => `${JSON.stringify(value, undefined, indent)}\n`;
    expect(convertText(write(object), 'a.json').text).toBe(write(after));
  });

  it('stays JSON on one line', () => {
    const { text } = convertText(JSON.stringify(object), 'a.json');
    expect(text.split('\n')).toHaveLength(1);
    expect(JSON.parse(text)).toEqual(after);
  });

  it('stays JSON where objects follow each other', () => {
    const { text } = convertText(`${JSON.stringify(object)}\n{"kind": "Service"}`, 'a.json');
    expect(text.split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([after, { kind: 'Service' }]);
  });
});

describe('what cannot be converted stays as it is, and is named', () => {
  const shared = OLD.replace('labels: {a: b}', 'labels: *l').replace('kind:', 'x: &l {a: b}\nkind:');
  const cases: Record<string, readonly [string, number, number, RegExp]> = {
    'a template that is missing': [
      'apiVersion: extensions/v1beta1\nkind: DaemonSet\nmetadata: {name: a}\nspec:\n  x: 1\n',
      4,
      1,
      /^is missing: /,
    ],
    'numbers as label values': [
      OLD.replace("'agent'", '0644'),
      9,
      9,
      /^is the number 420; put it into quotes/,
    ],
    'duplicate keys': [
      OLD.replace('kind: DaemonSet', 'kind: DaemonSet\nkind: DaemonSet'),
      3,
      1,
      /^kind is there twice/,
    ],
    tabs: [OLD.replace('  template:', '\ttemplate:'), 6, 1, /^a tab indents this line/],
    'a field that has to change, by an alias': [
      OLD.replace('template:\n', 'x: &spec {serviceAccount: agent}\n  template:\n').replace(
        /spec:\n.*containers:\n.*$/s,
        'spec: *spec\n',
      ),
      11,
      5,
      /^\*spec is an alias of what has to change; write it out here$/,
    ],
    'a field that has to change, by a merge key': [
      OLD.replace('template:\n', 'x: &spec {serviceAccount: agent}\n  template:\n').replace(
        'serviceAccount: x # account',
        '<<: *spec',
      ),
      11,
      5,
      /^gets serviceAccount from an alias; write it out here$/,
    ],
    'what an anchor stands for elsewhere': [
      OLD.replace('    spec:', '    spec: &spec').concat('  x: *spec\n'),
      1,
      1,
      /by an anchor\. Write out its aliases$/,
    ],
  };
  it.each(Object.entries(cases))('%s', (_, [text, line, column, message]) => {
    const { text: after, problems, notes } = convertText(text, 'agent.yaml');
    expect(after).toBe(text);
    expect(notes).toEqual([]);
    expect(problems).toMatchObject([
      { source: 'agent.yaml', line, column, message: expect.stringMatching(message) },
    ]);
  });

  it('does not keep the rest from being converted', () => {
    const { text, problems } = convertText(`a: [\n---\n${OLD}`, 'agent.yaml');
    expect(problems).toHaveLength(1);
    expect(text).toBe(`a: [\n---\n${NEW}`);
  });

  it('is nothing where an alias is not in the way', () => {
    const { problems, text } = convertText(shared, 'agent.yaml');
    expect(problems).toEqual([]);
    expect(text).toContain('labels: *l');
  });
});

describe('properties', () => {
  /** Texts of a DaemonSet, written in many ways, with comments at many places. */
  const written = fc
    .record({
      object: oldDaemonSet,
      indent: fc.constantFrom(2, 3, 4),
      indentSeq: fc.boolean(),
      crlf: fc.boolean(),
      seed: fc.infiniteStream(fc.nat(11)),
    })
    .map(({ object, indent, indentSeq, crlf, seed }) => {
      const next = (): number => seed.next().value ?? 0;
      const text = yamlWith(object, { indent, indentSeq }, next);
      return { object, text: crlf ? text.replaceAll('\n', '\r\n') : text };
    });

  it('the text says what the core decided, keeps its comments, and needs nothing more', () => {
    fc.assert(
      fc.property(written, ({ object, text }) => {
        const once = convertText(text, 'agent.yaml');
        const [manifest] = readManifests(once.text, 'agent.yaml');
        const { edits, obstacles } = convertDaemonSet(object);
        expect(once.problems).toHaveLength(obstacles.length);
        expect(manifest?.object).toEqual(edits.reduce<unknown>(applyEdit, object));
        expect(commentsIn(once.text)).toEqual(expect.arrayContaining([...commentsIn(text)]));
        expect(convertText(once.text, 'agent.yaml')).toMatchObject({ text: once.text, notes: [] });
        if (text.includes('\r\n')) expect(once.text).not.toMatch(/[^\r]\n/);
        if (edits.length === 0) expect(once.text).toBe(text);
      }),
      { numRuns: 50 },
    );
  }, 60_000);

  it('JSON stays JSON', () => {
    fc.assert(
      fc.property(oldDaemonSet, fc.constantFrom(undefined, 2, '\t'), (object, indent) => {
        const once = convertText(JSON.stringify(object, undefined, indent), 'agent.json');
        const { edits } = convertDaemonSet(object);
        expect(JSON.parse(once.text)).toEqual(edits.reduce<unknown>(applyEdit, object));
      }),
    );
  });
});

/** Some mappings and lists in braces, some strings in quotes, comments before and behind. */
function yamlWith(
  object: unknown,
  options: { indent: number; indentSeq: boolean },
  next: () => number,
): string {
  const document = new Document(object, { version: '1.1' });
  let comments = 0;
  visit(document, {
    Collection: (_, node) => {
      if (node.items.length > 0 && next() === 0) node.flow = true;
    },
    Scalar: (key, node) => {
      if (typeof node.value === 'string' && next() < 2)
        node.type = next() < 6 ? Scalar.QUOTE_DOUBLE : Scalar.QUOTE_SINGLE;
      if (key === 'key' && next() === 0) node.commentBefore = ` before ${++comments}`;
      if (key === 'value' && next() === 0 && !String(node.value).includes('\n'))
        node.comment = ` behind ${++comments}`;
    },
  });
  return document.toString({ ...options, lineWidth: 0 });
}

function commentsIn(text: string): readonly string[] {
  return text.match(/# (?:before|behind) \d+/g) ?? [];
}
