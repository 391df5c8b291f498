import { defineConfig } from "vitest/config";

/** The long forms of tests that are short in vitest.config.ts. */
export default defineConfig({
  test: {
    pool: "forks",
    name: "long",
    provide: {
      testEngine: "postgres",
      testSequences: 1_000,
      testCanaryShare: 1,
      testOrders: 1_000_000,
    },
    globalSetup: ["server/testing/global-setup.ts"],
    include: [
      "server/http/{sequences,canary}.db.test.ts",
      "server/kernel/interleavings.db.test.ts",
    ],
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
