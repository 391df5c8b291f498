import { defineConfig } from "vitest/config";
import { filesLeftOut } from "./server/testing/not-on-dsql.ts";

/** The tests of vitest.config.ts that have a database, through a local Aurora DSQL that fails commits. */
export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    name: "dsql",
    provide: { testEngine: "dsql", testSequences: 120, testCanaryShare: 8, testOrders: 10 },
    globalSetup: ["server/testing/global-setup.ts"],
    setupFiles: ["server/testing/dsql-setup.ts"],
    include: ["{server,worker,bench}/**/*.db.test.ts"],
    exclude: [...Object.keys(filesLeftOut), "**/node_modules/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The same commits fail in every run; another seed: --sequence.seed=…
    sequence: { seed: 1 },
  },
});
