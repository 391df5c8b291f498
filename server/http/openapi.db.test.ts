import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, startApi, type TestApi } from "../testing/api.ts";
import { expectDocumented, faultBy, openapi, schemaAt } from "../testing/documented.ts";
import type { Media, Response } from "./openapi-types.ts";
import { operationIdOf } from "./openapi.ts";
import { problemKinds } from "./problem-codes.ts";
import { referenceMarkdown } from "./reference-markdown.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const operations = Object.entries(openapi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

it("is served as the repository shows it (else: npm run generate)", async () => {
  const { status, body } = await call(`${api.url}/openapi.json`);
  expect(status).toBe(200);
  expect(body).toEqual(openapi);
  const markdown = new URL("../../docs/reference/api.md", import.meta.url);
  expect(readFileSync(markdown, "utf8")).toBe(referenceMarkdown(openapi));
});

it("is an OpenAPI 3.1 document by the official schema", async () => {
  const validator = new Validator();
  expect(await validator.validate({ ...openapi })).toEqual({ valid: true });
  expect(validator.version).toBe("3.1");
  expect(await validator.validate({ ...openapi, info: {} })).toMatchObject({ valid: false });
});

it("has schemas by JSON Schema 2020-12", () => {
  for (const name of Object.keys(openapi.components.schemas)) {
    expect(() => schemaAt("components", "schemas", name)).not.toThrow();
  }
});

it("names every operation once, as a method can be called", () => {
  const names = operations.map(({ operation }) => operation.operationId);
  expect(names).toEqual([...new Set(names)]);
  for (const name of names) expect(name).toMatch(/^[a-z]+([A-Z][A-Za-z]*)?$/);
  expect(operationIdOf("Set an item's price")).toBe("setItemPrice");
});

describe.each(operations)("$method $path", ({ path, method, operation }) => {
  it("has a summary, what goes well and what can go wrong", () => {
    expect(operation.summary).toMatch(/^[A-Z][^.]*$/);
    const statuses = Object.keys(operation.responses).map(Number);
    expect(statuses.some((status) => status < 300)).toBe(true);
    expect(statuses).toEqual(expect.arrayContaining([400, 500]));
    const guarded = operation.security.length > 0;
    if (guarded) expect(statuses).toEqual(expect.arrayContaining([401, 403]));
  });

  it("has examples that its schemas let through", () => {
    const seen: unknown[] = [];
    const walk = ({ content = {} }: Response, steps: readonly string[]): void => {
      for (const [type, media] of Object.entries<Media>(content)) {
        const validate = schemaAt(...steps, "content", type, "schema");
        for (const example of Object.values(media.examples ?? {})) {
          if (example.$ref !== undefined) continue;
          seen.push(example.value);
          expect(faultBy(validate, example.value)).toBeUndefined();
        }
      }
    };
    const { requestBody } = operation;
    if (requestBody) walk(requestBody, ["paths", path, method, "requestBody"]);
    for (const [status, response] of Object.entries(operation.responses)) {
      walk(response, ["paths", path, method, "responses", status]);
    }
    if (requestBody) expect(seen.length).toBeGreaterThan(0);
  });
});

it("has an example of every problem, valid as one", () => {
  const { examples } = openapi.components;
  expect(Object.keys(examples)).toEqual(Object.keys(problemKinds));
  const validate = schemaAt("components", "schemas", "Problem");
  for (const { value } of Object.values(examples)) {
    expect(faultBy(validate, value)).toBeUndefined();
  }
});

describe("the check of every answer finds", () => {
  const url = "http://localhost/livez";
  const good = { method: "GET", url, status: 200, contentType: "application/json" };
  const text = '{"status":"ok"}';
  const problem = { contentType: "application/problem+json", status: 404, text: "{}" };

  it.each([
    ["a status that is not declared", { status: 202 }],
    ["another content type", { contentType: "text/plain" }],
    ["a property that is not declared", { text: '{"status":"ok","secret":1}' }],
    ["a value of another type", { text: '{"status":1}' }],
    ["a path that is not declared", { url: "http://localhost/v2" }],
    ["a problem without its members", { ...problem, url: "http://localhost/v2" }],
  ])("%s", (_says, change) => {
    expect(() => expectDocumented({ ...good, text })).not.toThrow();
    expect(() => expectDocumented({ ...good, text, ...change })).toThrow("does not say so");
  });
});
