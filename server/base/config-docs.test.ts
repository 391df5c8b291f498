import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { configReference, envExample } from "./config-docs.ts";

const repo = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

it("is what the repository shows (else: npm run generate)", () => {
  expect(repo("docs/reference/config.md")).toBe(configReference());
  expect(repo(".env.example")).toBe(envExample());
});
