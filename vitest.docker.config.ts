import { defineConfig } from "vitest/config";

/** The image and the compose file, in a real engine: npm run check:docker. One after the other, on one instance. */
export default defineConfig({
  test: {
    name: "docker",
    include: ["server/testing/docker/*.docker.ts"],
    fileParallelism: false,
    sequence: { concurrent: false },
    testTimeout: 120_000,
    hookTimeout: 420_000,
    bail: 1,
  },
});
