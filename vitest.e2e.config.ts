import { defineConfig } from "vitest/config";
import { environment } from "./server/base/config.ts";

const { CI, CI_TURN } = environment();
const postgres = { testEngine: "postgres", testSequences: 0 } as const;

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
          provide: postgres,
          include: ["admin-ui/e2e/**/*.measure.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "lighthouse",
          provide: postgres,
          include: ["admin-ui/e2e/**/*.lighthouse.ts"],
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          provide: {
            ...postgres,
            axe: { oneIn: CI === undefined ? 1 : 6, turn: Number(CI_TURN ?? 0) },
          },
          include: ["admin-ui/e2e/**/*.e2e.ts"],
          exclude: [
            "admin-ui/e2e/screenshots.e2e.ts",
            "admin-ui/e2e/million.e2e.ts",
            "admin-ui/e2e/import-100000.e2e.ts",
          ],
          // A machine that nobody watches may be too busy once; .ci/run names what was tried again.
          retry: CI === undefined ? 0 : 1,
        },
      },
      {
        extends: true,
        test: {
          name: "million",
          provide: postgres,
          include: ["admin-ui/e2e/million.e2e.ts"],
          testTimeout: 900_000,
        },
      },
      {
        extends: true,
        test: {
          name: "import",
          provide: postgres,
          include: ["admin-ui/e2e/import-100000.e2e.ts"],
          testTimeout: 900_000,
        },
      },
      {
        extends: true,
        test: {
          name: "screenshots",
          provide: postgres,
          include: ["admin-ui/e2e/screenshots.e2e.ts"],
          testTimeout: 600_000,
        },
      },
    ],
  },
});
