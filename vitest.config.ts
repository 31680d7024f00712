import { defineConfig } from 'vitest/config';

/**
 * Waits end when what they wait for is there. Their limits only turn a hang into a failure, so they are far beyond what
 * a loaded machine needs; `patience.ts` does the same for `vi.waitFor`.
 */
const patient = { expect: { poll: { timeout: 30_000 } }, setupFiles: ['test/support/patience.ts'] };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...patient,
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'test/architecture/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...patient,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...patient,
          name: 'launcher',
          include: ['test/launcher/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...patient,
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...patient,
          name: 'agents',
          include: ['test/agents/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
