import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take a minute and more, mostly waiting, the longest first. */
const LONG: readonly string[] = [
  'helm-install',
  'chaos',
  'dashboard',
  'resilience',
  'up',
  'certificates',
  'verdicts',
  'audit',
  'kubectl',
  'chart-rights',
].map((name) => `/integration/${name}.test.ts`);

/**
 * A clean clone does not know how long files took the last time, and would begin the longest ones somewhere in the
 * middle: at the end one of them would run alone.
 */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const at = LONG.findIndex((name) => moduleId.endsWith(name));
  return at < 0 ? LONG.length : at;
}
