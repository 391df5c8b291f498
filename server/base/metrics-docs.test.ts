import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { metricsReference } from "./metrics-docs.ts";

it("is what the repository shows (else: npm run generate)", async () => {
  const path = new URL("../../docs/reference/metrics.md", import.meta.url);
  expect(readFileSync(path, "utf8")).toBe(await metricsReference());
});
