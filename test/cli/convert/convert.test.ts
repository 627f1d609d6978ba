import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { convert } from '../../../src/cli/convert/convert.ts';
import { runProgram } from '../../../src/cli/program.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import { RecordingOutput } from '../recording-terminal.ts';

const OLD = `apiVersion: apps/v1beta2
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: []}
`;
const NEW = OLD.replace('apps/v1beta2', 'apps/v1');
const SERVICE = 'kind: Service\n';

const FROM_STDIN = { filename: ['-'], recursive: false, diff: false, write: false };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everynode-convert-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** As from the command line; with a text on standard input, the command itself. */
async function run(
  args: readonly string[],
  { stdin, isTTY = false }: { readonly stdin?: string; readonly isTTY?: boolean } = {},
): Promise<Outcome> {
  const stdout = new RecordingOutput({ isTTY });
  const stderr = new RecordingOutput({ isTTY });
  const terminal: Terminal = { env: {}, stdout, stderr };
  const code =
    stdin === undefined
      ? await runProgram(['convert', ...args], terminal)
      : await convert(FROM_STDIN, Readable.from([Buffer.from(stdin)]), terminal);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe('convert', () => {
  it('prints the result, and each change on stderr', async () => {
    expect(await run(['-f', '-'], { stdin: `${SERVICE}---\n${OLD}` })).toEqual({
      code: 0,
      stdout: `${SERVICE}---\n${NEW}`,
      stderr:
        '-:3:1: apiVersion was apps/v1beta2, which API servers have not served since 1.16\n' +
        '1 DaemonSet converted, 1 object of other kinds\n',
    });
  });

  it('leaves what is of today byte for byte', async () => {
    const text = `# x\n${NEW}   # y\n\n`;
    expect(await run(['-f', await file('a.yaml', text)])).toEqual({
      code: 0,
      stdout: text,
      stderr: '0 DaemonSets converted, 1 left as it is\n',
    });
  });

  it('prints several files as documents of one', async () => {
    await file('a.yaml', OLD.trimEnd());
    await file('b.yml', `---\n${SERVICE}`);
    await file('c.json', '{"kind": "Service"}\n');
    const { stdout, code } = await run(['-f', folder]);
    expect([code, stdout]).toEqual([0, `${NEW}---\n${SERVICE}---\n{"kind": "Service"}\n`]);
  });

  it('shows a difference instead, in colours on a terminal only', async () => {
    const path = await file('a.yaml', OLD);
    const { stdout, code } = await run(['-f', path, '--diff']);
    expect(code).toBe(0);
    expect(stdout).toBe(
      `--- ${path}\n+++ ${path}\n@@ -1,4 +1,4 @@\n-apiVersion: apps/v1beta2\n+apiVersion: apps/v1\n kind: DaemonSet\n metadata: {name: agent}\n spec:\n`,
    );
    expect((await run(['-f', path, '--diff'], { isTTY: true })).stdout).toContain(
      '\u001b[32m+apiVersion: apps/v1\u001b[39m',
    );
    expect(await readFile(path, 'utf8')).toBe(OLD);
  });

  it('writes into the files: through links, with their mode, and only where something changed', async () => {
    const path = await file('a.yaml', OLD);
    await chmod(path, 0o640);
    await symlink(path, join(folder, 'link.yaml'));
    const untouched = await file('b.yaml', NEW);
    const before = await stat(untouched);
    const { stdout, code } = await run(['-f', join(folder, 'link.yaml'), '-f', untouched, '--write']);
    expect([code, stdout]).toEqual([0, '']);
    expect(await readFile(path, 'utf8')).toBe(NEW);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect((await stat(untouched)).ino).toBe(before.ino);
    expect((await readdir(folder)).toSorted()).toEqual(['a.yaml', 'b.yaml', 'link.yaml']);
  });

  it('names what is left to the user, and ends with 1', async () => {
    const text = `${OLD}---\nkind: DaemonSet\n`;
    const path = await file('a.yaml', text);
    const { code, stdout, stderr } = await run(['-f', path]);
    expect([code, stdout]).toEqual([1, `${NEW}---\nkind: DaemonSet\n`]);
    expect(stderr).toContain(
      `${path}:10:1: error: apiVersion is missing; for a DaemonSet write apiVersion: apps/v1\n`,
    );
    expect(stderr).toContain('1 DaemonSet converted, 1 left as it is, 1 problem\n');
  });

  it.each([
    ['binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0]), /:1:5: error: is binary, not a manifest/],
    ['50 MiB', Buffer.alloc(50 * 1024 * 1024, 35), /:1:1: error: is 50 MiB or more; at most 32 MiB are read/],
    ['no YAML', Buffer.from('a: [1\n'), /:2:1: error: is not YAML: /],
  ])('%s is a sentence, and ends with 1', async (_, bytes, message) => {
    await writeFile(join(folder, 'a.yaml'), bytes);
    const { code, stderr } = await run(['-f', folder]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(code).toBe(1);
  });

  it('ends with 3 when a file cannot be read, and converts the rest', async () => {
    const path = await file('a.yaml', OLD);
    const { code, stdout, stderr } = await run(['-f', join(folder, 'no.yaml'), '-f', path]);
    expect([code, stdout]).toEqual([3, NEW]);
    expect(stderr).toContain(`everynode: ${join(folder, 'no.yaml')} does not exist\n`);
  });

  it.each([
    [[], /required option '-f, --filename <file\.\.\.>' not specified/],
    [['-f', '-', '--write'], /--write needs files/],
    [['-f', 'a', '--write', '--diff'], /--write and --diff do not go together/],
    [['-f', '-', '-f', '-'], /-f - can be given once/],
  ])('ends with 2 for %j', async (args, message) => {
    const { code, stderr } = await run(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
