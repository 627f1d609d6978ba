import * as fc from 'fast-check';
import { fixture } from './harness.ts';

/** One request as it goes over the wire. */
export type CorpusRequest = {
  readonly path: '/mutate' | '/validate';
  readonly contentType: string;
  readonly body: Buffer;
};

type Json = unknown;
type JsonObject = { [name: string]: Json };

const FIXTURES = [
  'daemonset-create',
  'daemonset-selector-changed',
  'daemonset-two-rules-broken',
  'pod-bound',
  'pod-named-by-annotation',
  'pod-names-no-node',
].map(fixture);

const KINDS = [
  { group: 'apps', version: 'v1', kind: 'DaemonSet' },
  { group: '', version: 'v1', kind: 'Pod' },
  { group: 'apps', version: 'v1', kind: 'Deployment' },
  { group: 'batch', version: 'v1', kind: 'CronJob' },
  { group: 'extensions', version: 'v1beta1', kind: 'DaemonSet' },
];

/** Names that mean something to JavaScript, to JSON Pointer, or to us. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'toJSON',
  'hasOwnProperty',
  'length',
  'then',
  '',
  '/',
  '~',
  '~0~1',
  '-',
  '0',
  'metadata',
  'labels',
  'annotations',
  'ownerReferences',
  'spec',
  'selector',
  'matchLabels',
  'matchExpressions',
  'template',
  'affinity',
  'nodeAffinity',
  'requiredDuringSchedulingIgnoredDuringExecution',
  'nodeSelectorTerms',
  'matchFields',
  'tolerations',
  'nodeName',
  'containers',
  'ports',
  'hostPort',
  'updateStrategy',
  'rollingUpdate',
  'maxSurge',
  'maxUnavailable',
  'everynode.dev/node',
];

const TEXTS = [
  '',
  'a',
  'In',
  'DoesNotExist',
  'Exists',
  'apps/v1',
  'DaemonSet',
  '100%',
  '-1%',
  '1e9%',
  '\u0000',
  '\u2028',
  '\uFEFF',
  '\u202Eabc',
  '\uD800',
  'x\uDC00y',
  '🙂'.repeat(50),
  'x'.repeat(300),
  '"}],"x":[{"',
];

const NUMBERS = [
  0, -0, 1, -1, 0.5, 65_536, 2_147_483_648, 4_294_967_296, 9_007_199_254_740_992, 1e21, 1e308, 5e-324,
];

const text = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: 'binary', maxLength: 20 }));
const name = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...NAMES) }, { weight: 1, arbitrary: text });
const scalar = fc.oneof(
  fc.constantFrom<Json>(null, true, false, ...NUMBERS),
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** JSON of any shape, with names that may hit a nerve. */
const junk = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(tie('any'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('any')), { maxLength: 5 }).map(objectOf),
  ),
})).any;

/** Own properties always, also for `__proto__`, as JSON.parse makes them. */
function objectOf(entries: readonly (readonly [string, Json])[]): JsonObject {
  const object: JsonObject = {};
  for (const [key, value] of entries) define(object, key, value);
  return object;
}

function define(object: JsonObject, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

/** One change to a tree: how far down to walk, by which choices, and what to do there. */
type Change = {
  readonly walk: readonly number[];
  readonly act: 'replace' | 'remove' | 'add' | 'repeat' | 'swap';
  readonly name: string;
  readonly value: Json;
};

const change: fc.Arbitrary<Change> = fc.record({
  walk: fc.array(fc.nat(30), { minLength: 1, maxLength: 12 }),
  act: fc.constantFrom('replace', 'replace', 'remove', 'add', 'repeat', 'swap'),
  name,
  value: junk,
});

/** Changes the object in place, somewhere below. */
function applyChange(root: Json, change: Change): void {
  let at = root;
  for (const [depth, choice] of change.walk.entries()) {
    if (typeof at !== 'object' || at === null) return;
    const parent = at as JsonObject;
    const keys = Object.keys(parent);
    const key = keys[choice % Math.max(1, keys.length)];
    const next = key === undefined ? undefined : parent[key];
    if (depth === change.walk.length - 1 || typeof next !== 'object' || next === null) {
      return changeField(parent, key, change);
    }
    at = next;
  }
}

function changeField(parent: JsonObject, key: string | undefined, { act, name: added, value }: Change): void {
  if (act === 'add' || key === undefined) {
    if (Array.isArray(parent)) parent.push(value);
    else define(parent, added, value);
  } else if (act === 'remove') {
    delete parent[key];
  } else if (act === 'repeat' && Array.isArray(parent)) {
    parent.push(...parent.slice(0, 3));
  } else {
    define(parent, key, act === 'swap' ? Object.values(parent).at(-1) : value);
  }
}

const base = fc.constantFrom(...FIXTURES);

/** A review that the API server sent, with a few things wrong in it. */
const mutated = fc
  .tuple(
    base,
    fc.constantFrom('CREATE', 'UPDATE', 'DELETE', 'CONNECT', 'create', undefined),
    fc.array(change, { minLength: 1, maxLength: 6 }),
    fc.boolean(),
  )
  .map(([review, operation, changes, wholeReview]): Json => {
    const copy = structuredClone(review) as unknown as { request: JsonObject };
    if (operation !== undefined) copy.request['operation'] = operation;
    if (operation === 'UPDATE') copy.request['oldObject'] ??= structuredClone(review.request.object);
    // Mostly the objects: what is around them is read in a few lines.
    const roots = wholeReview ? [copy] : [copy.request['object'], copy.request['oldObject']];
    for (const [at, each] of changes.entries()) applyChange(roots[at % roots.length], each);
    return copy;
  });

/** A review whose objects are anything at all. */
const arbitraryObjects = fc.record(
  {
    apiVersion: fc.constant('admission.k8s.io/v1'),
    kind: fc.constant('AdmissionReview'),
    request: fc.record(
      {
        uid: fc.oneof(fc.uuid(), text),
        operation: fc.constantFrom('CREATE', 'UPDATE', 'DELETE'),
        kind: fc.constantFrom(...KINDS),
        object: junk,
        oldObject: junk,
        options: junk,
        userInfo: junk,
        subResource: junk,
        namespace: junk,
        name: junk,
        dryRun: junk,
      },
      { requiredKeys: ['uid', 'operation', 'kind', 'object'] },
    ),
  },
  { requiredKeys: ['apiVersion', 'kind', 'request'] },
);

/** As text, for what JSON.stringify cannot say. */
const asText = fc.oneof(
  { weight: 10, arbitrary: mutated.map((value) => JSON.stringify(value)) },
  { weight: 6, arbitrary: arbitraryObjects.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: junk.map((value) => JSON.stringify(value)) },
);

/** A piece of text that takes the place of another piece. */
const pieces = fc.constantFrom(
  '1e999',
  '-1e999',
  '9007199254740993',
  '123456789012345678901234567890',
  '0.1e-9999',
  '"\\ud800"',
  '"\\u0000"',
  '{"__proto__":{"allowed":true}}',
  '[]',
  'null',
  'NaN',
  '',
);

/** JSON as text that is then broken or bent: cut, doubled, with other numbers, other bytes. */
const bent = fc
  .tuple(asText, fc.nat(), pieces, fc.constantFrom('cut', 'number', 'double', 'bytes', 'bom', 'after'))
  .map(([json, at, piece, how]): Buffer => {
    const place = at % (json.length + 1);
    switch (how) {
      case 'cut':
        return Buffer.from(json.slice(0, place));
      case 'number':
        // In place of some value that is a string, a number or a word.
        return Buffer.from(
          json.slice(0, place) + json.slice(place).replace(/:(?:"[^"\\]*"|\d+|true)/, () => `:${piece}`),
        );
      case 'double':
        // Every name once more: the last one counts, as in Go.
        return Buffer.from(
          json.slice(0, place) +
            json.slice(place).replace(/"(\w+)":/, (all, key) => `"${key}":${piece || 'null'},${all}`),
        );
      case 'bytes': {
        const bytes = Buffer.from(json);
        if (bytes.length > 0) bytes[place % bytes.length] = at % 256;
        return bytes;
      }
      case 'bom':
        return Buffer.from(`\uFEFF${json}`);
      case 'after':
        return Buffer.from(json + piece);
    }
  });

/** Deeply nested, in the places that rules read and in those that they do not. */
const deep = fc
  .tuple(
    base,
    fc.constantFrom(100, 5_000, 100_000),
    fc.constantFrom(['{"a":', '}'], ['[', ']']),
    fc.constantFrom(
      'metadata',
      'spec',
      'labels',
      'affinity',
      'tolerations',
      'nodeSelectorTerms',
      'template',
      'selector',
      'containers',
      'extra',
      'matchFields',
      'uid',
    ),
  )
  .map(([review, levels, [open = '', close = ''], where]) => {
    const value = `${open.repeat(levels)}1${close.repeat(levels)}`;
    const json = JSON.stringify(review);
    const pattern = new RegExp(`("${where}":)([[{"])`);
    const start = json.indexOf('"object":');
    const tail = json.slice(start);
    const bentTail = pattern.test(tail)
      ? tail.replace(pattern, (_, key: string, opening: string) => spliced(key, opening, value))
      : tail.replace('"object":{', `"object":{"${where}":${value},`);
    return Buffer.from(json.slice(0, start) + bentTail);
  });

/** The deep value beside what was there: as one more field, one more entry, or under a name of its own. */
function spliced(key: string, opening: string, value: string): string {
  if (opening === '{') return `${key}{"deep":${value},`;
  if (opening === '[') return `${key}[{"deep":${value}},`;
  return `${key.replace('":', 'X":')}${value},${key}"`;
}

/** Longer than anybody means it. */
const huge = fc
  .tuple(base, fc.constantFrom(...NAMES), fc.constantFrom(1_000, 100_000, 1_500_000), text)
  .map(([review, where, length, filler]): Buffer => {
    const copy = structuredClone(review) as unknown as { request: { object: JsonObject } };
    const long = (filler === '' ? 'x' : filler).repeat(Math.ceil(length / Math.max(1, filler.length)));
    const { object } = copy.request;
    object[where] = where.startsWith('everynode') ? { [long]: long } : long;
    const annotations = ((object['metadata'] as JsonObject | undefined)?.['annotations'] ?? {}) as JsonObject;
    if (typeof annotations === 'object') annotations['everynode.dev/node'] = long;
    return Buffer.from(JSON.stringify(copy)).subarray(0, 3 * 1024 * 1024 + 1_000);
  });

const contentType = fc.oneof(
  { weight: 30, arbitrary: fc.constant('application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'application/json; charset=utf-8',
      'APPLICATION/JSON',
      'application/yaml',
      'text/plain',
      '',
      'application/vnd.kubernetes.protobuf',
      'application/jsonx',
      'multipart/form-data; boundary=x',
    ),
  },
);

/** The corpus: what might come to an admission webhook, mostly not what it expects. */
export const corpusRequest: fc.Arbitrary<CorpusRequest> = fc.record({
  path: fc.constantFrom('/mutate', '/validate'),
  contentType,
  body: fc.oneof(
    { weight: 60, arbitrary: asText.map((json) => Buffer.from(json)) },
    { weight: 30, arbitrary: bent },
    { weight: 3, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 2, arbitrary: deep },
    { weight: 1, arbitrary: huge },
  ),
});

/** The part of it that is JSON, as it comes out of JSON.parse. */
export const corpusReview: fc.Arbitrary<Json> = fc
  .oneof({ weight: 3, arbitrary: mutated }, { weight: 2, arbitrary: arbitraryObjects })
  .map((review) => JSON.parse(JSON.stringify(review)) as Json);
