import { defineConfig } from "vitest/config";
import { environment } from "./server/base/config.ts";

const { CI_TURN } = environment();

/** Whole processes, clusters and outages, over time: npm run test:heavy. All else is `npm test`. */
const heavy = [
  "dsql-local/*.db.test.ts",
  "grafana/prometheus.db.test.ts",
  "server/backups/*.db.test.ts",
  "server/commands/{operate,trial,up}.db.test.ts",
  "server/proof/faults/*.db.test.ts",
  "server/db/{dsql,migrate-dsql}.db.test.ts",
  "server/db/silence.db.test.ts",
  "server/http/{memory,overload}.db.test.ts",
  "server/kernel/{interleavings,weight}.db.test.ts",
  "server/proof/history/*.db.test.ts",
  "server/stream/servers.db.test.ts",
  "server/testing/side-by-side/*.db.test.ts",
  "worker/{chaos,crashes,imports,stop}.db.test.ts",
];

/** What a test with a database gets; vitest.dsql.config.ts runs most of them with the other engine. */
const withDatabase = {
  // 1,000 sequences, every secret everywhere: npm run test:long.
  provide: {
    testEngine: "postgres" as const,
    testSequences: 120,
    testCanaryShare: 8,
    // All crash points, a hundred kills, all orders of two: npm run test:faults, test:long.
    testFaults: {
      crashes: { oneIn: 3, turn: Number(CI_TURN ?? 0) },
      kills: 3,
      operations: 150,
      isQuiet: false,
    },
    testOrders: 10,
  },
  // Here and not above: tests without a database do not wait for one.
  globalSetup: ["server/testing/global-setup.ts"],
  testTimeout: 30_000,
  hookTimeout: 60_000,
};

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
          include: ["{server,worker,dsql-local,bench,mutants,grafana,helm}/**/*.test.ts"],
          exclude: ["**/*.db.test.ts", "**/node_modules/**"],
          // What hangs is found all the same; a machine that others use, too, fails nothing.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          ...withDatabase,
          name: "db",
          include: ["{server,worker,dsql-local,bench,grafana}/**/*.db.test.ts"],
          exclude: [...heavy, "**/node_modules/**"],
        },
      },
      {
        extends: true,
        test: { ...withDatabase, name: "heavy", include: heavy },
      },
    ],
  },
});
