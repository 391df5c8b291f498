import { defineConfig } from "vitest/config";
import { environment } from "./server/base/config.ts";

/**
 * The console in a real browser, against the real server: test:e2e, e2e:million, e2e:import,
 * screenshots, measure, lighthouse.
 */
export default defineConfig({
  test: {
    pool: "forks",
    // A browser, a server and a database each: more do not fit two cores.
    maxWorkers: 2,
    globalSetup: ["server/testing/global-setup.ts", "admin-ui/e2e/build-first.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "measure",
          provide: { testEngine: "postgres", testSequences: 0 },
          include: ["admin-ui/e2e/**/*.measure.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "lighthouse",
          provide: { testEngine: "postgres", testSequences: 0 },
          include: ["admin-ui/e2e/**/*.lighthouse.ts"],
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          provide: { testEngine: "postgres", testSequences: 0 },
          include: ["admin-ui/e2e/**/*.e2e.ts"],
          exclude: [
            "admin-ui/e2e/screenshots.e2e.ts",
            "admin-ui/e2e/million.e2e.ts",
            "admin-ui/e2e/import-100000.e2e.ts",
          ],
          // A machine that nobody watches may be too busy once; .ci/run names what was tried again.
          retry: environment().CI === undefined ? 0 : 1,
        },
      },
      {
        extends: true,
        test: {
          name: "million",
          provide: { testEngine: "postgres", testSequences: 0 },
          include: ["admin-ui/e2e/million.e2e.ts"],
          testTimeout: 900_000,
        },
      },
      {
        extends: true,
        test: {
          name: "import",
          provide: { testEngine: "postgres", testSequences: 0 },
          include: ["admin-ui/e2e/import-100000.e2e.ts"],
          testTimeout: 900_000,
        },
      },
      {
        extends: true,
        test: {
          name: "screenshots",
          provide: { testEngine: "postgres", testSequences: 0 },
          include: ["admin-ui/e2e/screenshots.e2e.ts"],
          testTimeout: 600_000,
        },
      },
    ],
  },
});
