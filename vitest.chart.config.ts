import { defineConfig } from "vitest/config";
import { environment } from "./server/base/config.ts";

const inEngine = environment().CHART_IN_ENGINE === "1";

/** The Helm chart, rendered: npm run check:chart. What needs no rendering is a part of `npm test`, too; --pods runs it. */
export default defineConfig({
  test: {
    name: "chart",
    include: ["helm/**/*.test.ts", ...(inEngine ? ["helm/pods.docker.ts"] : [])],
    testTimeout: inEngine ? 400_000 : 60_000,
    hookTimeout: inEngine ? 400_000 : 60_000,
    bail: inEngine ? 1 : 0,
  },
});
