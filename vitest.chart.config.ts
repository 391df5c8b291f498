import { defineConfig } from "vitest/config";

/** The Helm chart, rendered: npm run check:chart. What needs no rendering is a part of `npm test`, too. */
export default defineConfig({
  test: {
    name: "chart",
    include: ["helm/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
