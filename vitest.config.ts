import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    pool: "forks",
    // More than cores: many tests wait for a process, a ping or a deadline.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: "pure",
          include: ["{server,worker,dsql-local,bench,mutants,grafana}/**/*.test.ts"],
          exclude: ["**/*.db.test.ts", "**/node_modules/**"],
          testTimeout: 10_000,
        },
      },
      {
        extends: true,
        test: {
          name: "db",
          // What these speak; vitest.dsql.config.ts runs them with the other.
          // 1,000 sequences, every secret everywhere: npm run test:long.
          provide: { testEngine: "postgres", testSequences: 120, testCanaryShare: 4 },
          // Here and not above: tests without a database do not wait for one.
          globalSetup: ["server/testing/global-setup.ts"],
          include: ["{server,worker,dsql-local,bench,grafana}/**/*.db.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
