import { defineConfig } from "vitest/config";
import { environment } from "./server/base/config.ts";

const { CHECK_ALL, CI_TURN } = environment();

/** The image and the compose file, in a real engine: npm run check:docker. One after the other, on one instance. */
export default defineConfig({
  test: {
    name: "docker",
    provide: { outages: { all: CHECK_ALL !== undefined, turn: Number(CI_TURN ?? 0) } },
    include: ["server/testing/docker/*.docker.ts"],
    fileParallelism: false,
    sequence: { concurrent: false },
    testTimeout: 300_000,
    hookTimeout: 600_000,
    bail: 1,
  },
});
