import { defineConfig } from 'vitest/config';

// Timeouts are there to end a hang, not to measure anything: they are long enough for a busy machine.
const unitTimeoutMs = 60_000;
const integrationTimeoutMs = 300_000;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['client/**/*.test.ts', 'src/**/*.test.ts'],
          setupFiles: ['test/support/seed.ts'],
          testTimeout: unitTimeoutMs,
          hookTimeout: unitTimeoutMs,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          setupFiles: ['test/support/seed.ts'],
          testTimeout: integrationTimeoutMs,
          hookTimeout: integrationTimeoutMs,
          // These start servers of several processes each: one file at a time, after the unit tests.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'in-front',
          // Drivers and tools see no difference between the embedded store and a MariaDB behind Sluice.
          include: [
            'clients/avenir',
            'clients/http',
            'clients/live-feed',
            'clients/mariadb-*',
            'clients/mysql2*',
            'clients/openapi',
            'clients/php',
            'clients/planetscale',
            'clients/pymysql',
            'clients/python',
            'clients/redis-*',
            'clients/sysbench',
            'lists/manual',
            'lists/row-limit',
          ].map((name) => `test/${name}.test.ts`),
          env: { SLUICE_TEST_STORE: 'source' },
          testTimeout: integrationTimeoutMs,
          hookTimeout: integrationTimeoutMs,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
