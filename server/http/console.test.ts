import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import express from "express";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readConfig } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { makeMetrics } from "../base/metrics.ts";
import { serveConsole } from "./console.ts";
import { lastWord } from "./last-word.ts";
import { Problem } from "./problem.ts";
import { enter } from "./visit.ts";

let dir: string;
let server: Server;
let url: string;
beforeEach(async () => {
  dir = `${mkdtempSync(join(tmpdir(), "zerorace-console-"))}/`;
  const log = makeLog("test", { logLevel: "fatal" });
  const app = express();
  app.use(enter({ config: readConfig({}), log, metrics: makeMetrics() }));
  app.use(serveConsole(dir));
  app.use(() => {
    throw new Problem("NOT_FOUND");
  });
  app.use(lastWord(log));
  const listening = Promise.withResolvers<void>();
  server = app.listen(0, "127.0.0.1", () => listening.resolve());
  await listening.promise;
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true });
});

function put(name: string, text: string): void {
  mkdirSync(join(dir, name, ".."), { recursive: true });
  writeFileSync(dir + name, text);
  writeFileSync(`${dir}${name}.br`, brotliCompressSync(text));
  writeFileSync(`${dir}${name}.gz`, gzipSync(text));
}

function build(page: string): void {
  put("assets/app-1a2b.js", "run()");
  put(".vite/manifest.json", "{}");
  put("robots.txt", "User-agent: *");
  put("screens.json", JSON.stringify(["/", "/purchases", "/purchases/$id", "/docs-like"]));
  put("index.html", page);
}

const asBrowser = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const see = (path: string, headers: Record<string, string> = asBrowser) =>
  fetch(url + path, { headers });

it("shows its page at every path that a browser wants to see, and never from a cache", async () => {
  build("<p>first");
  for (const path of ["/", "/purchases/42?tab=legs", "/index.html"]) {
    const response = await see(path);
    expect([response.status, await response.text()]).toEqual([200, "<p>first"]);
    expect(response.headers.get("cache-control")).toBe("no-cache");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(response.headers.get("content-security-policy")).not.toContain("unsafe");
  }
});

it("shows its page with 404 where it has no screen", async () => {
  build("<p>first");
  for (const path of ["/nothing", "/purchases/42/more", "/purchasesX", "/Xpurchases", "//"]) {
    const response = await see(path);
    expect([path, response.status, await response.text()]).toEqual([path, 404, "<p>first"]);
  }
  for (const path of ["/purchases/", "/Purchases", "/purchases/a%2Fb", "/docs-like"]) {
    expect([path, (await see(path)).status]).toEqual([path, 200]);
  }
});

it("shows what was built before screens were written down as that was shown", async () => {
  build("<p>of before");
  rmSync(`${dir}screens.json`);
  utimesSync(`${dir}index.html`, 2, 2);
  expect((await see("/nothing")).status).toBe(200);
});

it("leaves paths of the API, and programs, their problem", async () => {
  build("<p>");
  for (const path of ["/v1/nothing", "/v1", "/assets/gone.js", "/openapi.json/x"]) {
    const response = await see(path);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  }
  expect((await see("/purchases", { Accept: "*/*" })).status).toBe(404);
  expect((await fetch(`${url}/`, { method: "POST", headers: asBrowser })).status).toBe(404);
});

it("sends its files as they were packed, and assets to be kept for ever", async () => {
  build("<p>");
  for (const packing of ["br", "gzip", "identity"]) {
    const response = await see("/assets/app-1a2b.js", { "Accept-Encoding": packing });
    const encoding = response.headers.get("content-encoding");
    expect(encoding).toBe(packing === "identity" ? null : packing);
    expect(response.headers.get("cache-control")).toContain("immutable");
    expect(await response.text()).toBe("run()");
  }
  expect(await (await see("/robots.txt", {})).text()).toBe("User-agent: *");
  writeFileSync(`${dir}assets/font-3c4d.woff2`, "font");
  put("index.html", "<p>another build");
  utimesSync(`${dir}index.html`, 1, 1);
  const font = await see("/assets/font-3c4d.woff2", { "Accept-Encoding": "br" });
  expect([font.headers.get("content-type"), font.headers.get("content-encoding")]).toEqual([
    "font/woff2",
    null,
  ]);
});

it("sends nothing but what was built for browsers", async () => {
  build("<p>secret");
  for (const path of ["/.vite/manifest.json", "/assets/app-1a2b.js.br", "/..%2f..%2fetc/passwd"]) {
    expect((await see(path, { Accept: "*/*" })).status).toBe(404);
  }
});

it("without a build says how to make one, and shows it when it is there", async () => {
  expect(await (await see("/")).text()).toContain("npm run build");
  build("<p>first");
  expect(await (await see("/")).text()).toBe("<p>first");
  put("index.html", "<p>second");
  utimesSync(`${dir}index.html`, 1, 1);
  expect(await (await see("/")).text()).toBe("<p>second");
});
