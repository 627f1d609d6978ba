import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest of the unit tests, and of the integration tests, the longest first. */
const LONG: readonly string[] = [
  'tls/rotation.property',
  'webhook/corpus',
  'core/reconcile.properties',
  'integration/helm-install',
  'integration/chaos',
  'integration/dashboard',
  'integration/resilience',
  'integration/up',
  'integration/certificates',
  'integration/verdicts',
  'integration/audit',
  'integration/kubectl',
  'integration/chart-rights',
].map((name) => `/test/${name}.test.ts`);

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
