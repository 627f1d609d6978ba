import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Closes a run with the plain line `N passed, N failed[, N skipped]` that CI systems read. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      // A file that failed to load has no tests of its own, and must not count as nothing.
      if (module.errors().length > 0) count.failed += 1;
      for (const test of module.children.allTests()) count[outcome(test)] += 1;
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
    process.on('exit', () => {
      process.stdout.write(`${count.passed} passed, ${count.failed} failed${skipped}\n`);
    });
  }
}

function outcome(test: TestCase): 'passed' | 'failed' | 'skipped' {
  const { state } = test.result();
  return state === 'pending' ? 'failed' : state;
}
