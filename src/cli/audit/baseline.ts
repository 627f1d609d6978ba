import { readFile } from 'node:fs/promises';
import { isJsonObject } from '../../core/admission/untrusted.ts';
import { UsageError } from '../exit-codes.ts';

/**
 * The fingerprints in a report that was saved with `-o json`. None without a file.
 *
 * @throws UsageError when there is no such report.
 */
export async function readBaseline(file: string | undefined): Promise<ReadonlySet<string>> {
  if (file === undefined) return new Set();
  const report = await parse(file);
  const { findings } = isJsonObject(report) ? report : {};
  if (!Array.isArray(findings)) {
    throw new UsageError(`--baseline: ${file} is no report; save one with -o json`);
  }
  return new Set(
    findings.flatMap((finding: unknown) => {
      const print = isJsonObject(finding) ? finding['fingerprint'] : undefined;
      return typeof print === 'string' ? [print] : [];
    }),
  );
}

async function parse(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is not JSON' : `cannot be read (${codeOf(error)})`;
    throw new UsageError(`--baseline: ${file} ${why}; give the -o json of an earlier run`, { cause: error });
  }
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}
