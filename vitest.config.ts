import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import LongestFirst from './test/longest-first.ts';

// For the commands that tests start: half of the time that one takes is to read its sources.
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled') };
const integration = 'test/integration/**/*.test.ts';

export default defineConfig({
  test: {
    reporters: ['default', './test/summary-reporter.ts'],
    sequence: { sequencer: LongestFirst },
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary', 'lcov'] },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [integration],
          // Properties take seconds where others are at work on the machine as well.
          testTimeout: 30_000,
          // Vitest would leave one core to others.
          maxWorkers: '100%',
          env,
        },
      },
      {
        test: {
          name: 'integration',
          include: [integration],
          globalSetup: ['test/integration/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // Each file starts a control plane of its own and waits for it most of the time: two cores bear three.
          maxWorkers: 3,
          env,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
