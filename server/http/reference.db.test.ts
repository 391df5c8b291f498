import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, startApi, type Reply, type TestApi } from "../testing/api.ts";
import { openapi } from "../testing/documented.ts";
import { problemKinds } from "./problem-codes.ts";
import { addressOfExamples, curlOf, requestOf, typescriptOf } from "./reference-examples.ts";

const run = promisify(execFile);

let api: TestApi;
let page: Reply;
beforeAll(async () => {
  api = await startApi();
  page = await call(`${api.url}/reference`);
});
afterAll(() => api.close());

const operations = Object.entries(openapi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

it("shows every operation of the API, with what it takes and what it needs", () => {
  expect(page.status).toBe(200);
  const shown = operations.filter(({ path }) => path.startsWith("/v1/"));
  expect(shown.length).toBeGreaterThan(20);
  for (const { path, operation } of shown) {
    const from = page.text.indexOf(`<article id="${operation.operationId}">`);
    expect(from, operation.operationId).toBeGreaterThan(0);
    const article = page.text.slice(from, page.text.indexOf("</article>", from));
    expect(article).toContain(`<code>${path}</code>`);
    for (const scope of operation.security.flatMap((one) => Object.values(one).flat())) {
      expect(article).toContain(`<code>${scope}</code>`);
    }
    for (const { name } of operation.parameters ?? []) expect(article).toContain(name);
  }
});

it("leads only to what is there", async () => {
  const links = new Set(
    [...page.text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, to = ""]) => to),
  );
  for (const link of links) {
    if (link.startsWith("#")) expect(page.text, link).toContain(`id="${link.slice(1)}"`);
    else if (!link.startsWith("data:")) {
      expect(link).toMatch(/^\//);
      const headers = link === "/" ? { Accept: "text/html" } : {};
      expect((await fetch(`${api.url}${link}`, { headers })).status, link).toBe(200);
    }
  }
  for (const code of Object.keys(problemKinds)) {
    const { text } = await call(`${api.url}/problems/${code}`);
    expect(text).toContain(`<h1><code>${code}</code></h1>`);
  }
});

const sumOf = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size);

it("runs our script and nothing else, asks nobody else and is small", async () => {
  const policy = page.headers.get("content-security-policy");
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain("unsafe");
  expect(page.text).not.toMatch(
    /<script(?! type="module" src="\/| src="\/)|<style| style=| on\w+=/,
  );
  // What is named in a sentence or an example is asked by nobody.
  const named = /https:\/\/(shop\.example\.com|www\.standardwebhooks\.com)[^\s"'<]*/g;
  const text = page.text.replaceAll(addressOfExamples, "").replaceAll(named, "");
  expect(text.match(/\w+:\/\/[^\s"'<]*/g)).toEqual(["http://www.w3.org/2000/svg"]);
  const files = [...page.text.matchAll(/(?:src|href)="(\/docs\/assets\/[^"]+)"/g)];
  const loaded = await Promise.all(files.map(([, file]) => call(`${api.url}${file}`)));
  expect(loaded).toHaveLength(4);
  const script = await call(`${api.url}/docs/assets/reference.js`);
  expect(loaded.map(({ text }) => text).join("")).not.toMatch(/https?:\/\/(?!127\.0\.0\.1)/);
  expect(script.text).not.toMatch(/localStorage|sessionStorage|document\.cookie|indexedDB/);
  const sizes = [page, ...loaded].map(({ text }) => gzipSync(text).length);
  expect(sumOf(sizes.slice(1))).toBeLessThan(12_000);
  // The page itself grows with the API: it is text, sent packed, and kept by the browser.
  expect(sumOf(sizes)).toBeLessThan(80_000);
});

describe("its examples", () => {
  const path = "/v1/sandbox/commit";
  const request = () => {
    const operation = openapi.paths[path]?.post;
    if (!operation) throw new Error("There is no sandbox in the document.");
    const example = requestOf(path, "post", operation);
    return { ...example, url: example.url.replace(addressOfExamples, api.url) };
  };

  it("buy with curl", async () => {
    const { stdout } = await run("sh", ["-c", `${curlOf(request())} -sS`]);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "COMMITTED", replayed: false });
  });

  it("buy with TypeScript", async () => {
    const program = typescriptOf(request());
    const { stdout } = await run(process.execPath, [
      "--input-type=module-typescript",
      "-e",
      program,
    ]);
    expect(stdout).toContain("201 {");
    expect(stdout).toContain("replayed: true");
  });

  it("survive quotes in a body, and take the API key from the environment", () => {
    const headers = [["Authorization", "Bearer $ZERORACE_API_KEY"]] as const;
    const odd = { method: "POST", url: "http://x", headers, body: { name: "it's" } };
    expect(curlOf(odd)).toContain(`"it'\\''s"`);
    expect(curlOf(odd)).toContain('-H "Authorization: Bearer $ZERORACE_API_KEY"');
    expect(typescriptOf(odd)).toContain("`Bearer ${process.env.ZERORACE_API_KEY}`");
  });
});
