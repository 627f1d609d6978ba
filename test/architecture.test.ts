import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../src');
const IMPORT = /\b(?:from|import)\s*\(?\s*'([^']+)'/g;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<![:'"`\w])\/\/.*$/gm;

type Source = {
  /** Below src, such as `core/plan.ts`. */
  readonly path: string;
  /** First folder of the path; `main.ts` itself for the entry point. */
  readonly room: string;
  readonly lines: number;
  /** The text without comments. */
  readonly code: string;
  /** Our own files that it imports, below src. */
  readonly imports: readonly string[];
  /** Packages and modules of Node. */
  readonly packages: readonly string[];
};

const sources = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .toSorted()
  .map(readSource);

function readSource(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const code = text.replace(COMMENT, '');
  const specifiers = specifiersIn(code);
  return {
    path,
    room: path.split('/')[0] ?? '',
    lines: text.trimEnd().split('\n').length,
    code,
    imports: ownFiles(path, specifiers),
    packages: specifiers.filter((specifier) => !specifier.startsWith('.')),
  };
}

function specifiersIn(code: string): readonly string[] {
  return [...code.matchAll(IMPORT)].map(([, specifier = '']) => specifier);
}

function ownFiles(from: string, specifiers: readonly string[]): readonly string[] {
  return specifiers
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(ROOT, join(ROOT, dirname(from), specifier)));
}

/** `file -> import` for every import from these rooms that the predicate forbids. */
function breaches(rooms: readonly string[], forbidden: (imported: string) => boolean): readonly string[] {
  return sources
    .filter(({ room }) => rooms.includes(room))
    .flatMap(({ path, imports }) => imports.filter(forbidden).map((imported) => `${path} -> ${imported}`));
}

function inRooms(path: string, rooms: readonly string[]): boolean {
  return rooms.includes(path.split('/')[0] ?? '');
}

/** Files whose code, comments aside, matches. */
function using(pattern: RegExp, files = sources): readonly string[] {
  return files.filter(({ code }) => pattern.test(code)).map(({ path }) => path);
}

describe('rooms', () => {
  it('there is something to look at', () => {
    const rooms = new Set(sources.map(({ room }) => room));
    expect([...rooms]).toEqual(expect.arrayContaining(['api', 'core', 'kube', 'syncloop', 'main.ts']));
    expect(sources.flatMap(({ imports }) => imports)).toContain('core/plan.ts');
  });

  it('every import of ours names a file that exists', () => {
    const paths = new Set(sources.map(({ path }) => path));
    expect(breaches([...new Set(sources.map(({ room }) => room))], (path) => !paths.has(path))).toEqual([]);
  });

  it('api imports nothing of ours', () => {
    expect(breaches(['api'], (imported) => !inRooms(imported, ['api']))).toEqual([]);
  });

  it('core imports only api and core', () => {
    expect(breaches(['core'], (imported) => !inRooms(imported, ['api', 'core']))).toEqual([]);
  });

  it('api and core use no package, and of Node only node:crypto', () => {
    const pure = sources.filter(({ room }) => room === 'api' || room === 'core');
    expect(pure.flatMap(({ packages }) => packages).filter((name) => name !== 'node:crypto')).toEqual([]);
  });

  it('kube, tls, telemetry and localcluster do not import what is built on them', () => {
    const inner = ['kube', 'tls', 'telemetry', 'localcluster'];
    const outer = ['syncloop', 'webhook', 'dashboard', 'cli', 'main.ts'];
    expect(breaches(inner, (imported) => inRooms(imported, outer))).toEqual([]);
  });

  it('the others import what is below them, and each other not', () => {
    const allowed: Readonly<Record<string, readonly string[]>> = {
      cache: ['api', 'core', 'kube', 'telemetry', 'cache'],
      config: ['api', 'core', 'config'],
      manifests: ['api', 'core', 'manifests'],
      report: ['core', 'report'],
      dashboard: ['api', 'core', 'kube', 'cache', 'tls', 'telemetry', 'dashboard'],
    };
    for (const [room, rooms] of Object.entries(allowed)) {
      expect(breaches([room], (imported) => !inRooms(imported, rooms))).toEqual([]);
    }
  });

  it('what browsers load imports the core and the wire, no module of Node, and Preact alone', () => {
    const page = sources.filter(({ path }) => path.startsWith('dashboard/page/'));
    expect(page.length).toBeGreaterThan(0);
    const known = /^(?:api|core|dashboard\/page)\/|^dashboard\/wire\.ts$/;
    expect(page.flatMap(({ imports }) => imports).filter((imported) => !known.test(imported))).toEqual([]);
    expect(page.flatMap(({ packages }) => packages).filter((name) => !/^preact\b/.test(name))).toEqual([]);
  });

  it('nobody imports main.ts', () => {
    expect(sources.filter(({ imports }) => imports.includes('main.ts')).map(({ path }) => path)).toEqual([]);
  });

  it('no file imports itself through others, not even for types', () => {
    expect(cycles()).toEqual([]);
  });
});

describe('purity', () => {
  const core = sources.filter(({ room }) => room === 'core');

  it.each([
    ['the clock', /\bDate\.now\b|\bnew Date\(\)|\bperformance\b|\bhrtime\b/],
    ['chance', /\bMath\.random\b|\brandom(?:UUID|Bytes|Int)\b|\bgetRandomValues\b/],
    ['the process', /\bprocess\b/],
    ['timers', /\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/],
    ['the network', /\bfetch\(/],
    ['promises', /\basync\b|\bawait\b|\bPromise\b/],
  ])('core does not use %s', (_, pattern) => {
    expect(using(pattern, core)).toEqual([]);
  });

  it('nobody uses console', () => {
    expect(using(/\bconsole\b/)).toEqual([]);
  });

  it('only cli and main.ts look at arguments or end the process', () => {
    const shell = sources.filter(({ room }) => room !== 'cli' && room !== 'main.ts');
    expect(using(/\bprocess\.(?:argv|exit|exitCode)\b/, shell)).toEqual([]);
  });

  it('only cli and main.ts look at the environment, and localcluster by default', () => {
    const shell = sources.filter(({ room }) => room !== 'cli' && room !== 'main.ts');
    const readers = using(/\bprocess\.env\b/, shell);
    expect(readers.filter((path) => !/^(?:localcluster|config)\//.test(path))).toEqual([]);
  });
});

describe('shape', () => {
  it('no folder is a drawer for odds and ends', () => {
    const folders = new Set(sources.flatMap(({ path }) => dirname(path).split('/')));
    const drawers = ['utils', 'util', 'helpers', 'helper', 'common', 'lib', 'misc', 'shared'];
    expect(drawers.filter((name) => folders.has(name))).toEqual([]);
  });

  it('no file is longer than 300 lines', () => {
    const long = sources.filter(({ lines }) => lines > 300);
    expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
  });

  it('no file passes on all that another exports', () => {
    expect(using(/^export\s+(?:type\s+)?\*/m)).toEqual([]);
  });
});

/** Cycles of imports, each written as a path from a file to itself. */
function cycles(): readonly string[] {
  const importsOf = new Map(sources.map(({ path, imports }) => [path, imports]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push([...trail.slice(at), path].join(' -> '));
    if (at >= 0 || done.has(path)) return;
    for (const imported of importsOf.get(path) ?? []) visit(imported, [...trail, path]);
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  return found;
}
