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
      testFaults: { crashes: { oneIn: 1, turn: 0 }, kills: 100, operations: 4_000, isQuiet: true },
      testOrders: 2_000,
    },
    globalSetup: ["server/testing/global-setup.ts"],
    include: [
      "server/http/{sequences,canary}.db.test.ts",
      "server/kernel/interleavings.db.test.ts",
      "server/proof/faults/*.db.test.ts",
      "worker/crashes.db.test.ts",
    ],
    testTimeout: 1_800_000,
    hookTimeout: 60_000,
  },
});
