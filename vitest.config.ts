import { defineConfig } from 'vitest/config';

const inCi = process.env['CI'] === 'true';

export default defineConfig({
  test: {
    expect: { requireAssertions: true },
    // Child processes: tests set a umask and load native parts, which threads do not allow.
    pool: 'forks',
    setupFiles: 'test/support/api/after-each.ts',
    // .ci/run reads the totals from the second.
    reporters: inCi ? ['default', ['json', { outputFile: 'coverage/tests.json' }]] : ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/{unit,property,contract,adapters,toolchain,crash-points,simulation}/**/*.test.ts'],
          testTimeout: 20_000,
          maxWorkers: '100%',
          // Modules are loaded once for each worker, not for each file: two thirds of the time went into that.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/{e2e,torture}/**/*.test.ts'],
          globalSetup: 'test/support/build-once.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Half of the time these files wait for a token to end or a bus to be given up; more at a time only makes them slow.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'containers',
          include: ['test/containers/**/*.test.ts'],
          globalSetup: 'test/containers/support/global-setup.ts',
          setupFiles: 'test/containers/support/worker-setup.ts',
          testTimeout: 300_000,
          hookTimeout: 600_000,
          // Last, so that nothing else is slowed. Their images are made in the background from the beginning of the run on.
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
