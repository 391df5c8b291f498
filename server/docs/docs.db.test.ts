import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { call, startApi, type TestApi } from "../testing/api.ts";
import { problemKinds } from "../http/problem-codes.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ ZERORACE_RATE_PER_IP: "0" });
});
afterAll(() => api.close());

const asBrowser = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const see = (path: string, headers: Record<string, string> = asBrowser) =>
  fetch(api.url + path, { headers });

async function pagesOf(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const wanted = ["/docs", "/problems", "/reference"];
  for (let path = wanted.pop(); path !== undefined; path = wanted.pop()) {
    const response = await see(path);
    expect(response.status, path).toBe(200);
    const text = await response.text();
    found.set(path, text);
    for (const [, to = ""] of text.matchAll(/href="(\/[^"#?]*)[^"]*"/g)) {
      const isPage = /^\/(docs|problems)(\/|$)/.test(to) && !/\.\w+$/.test(to);
      if (isPage && !found.has(to) && !wanted.includes(to)) wanted.push(to);
    }
  }
  return found;
}

it("leads from the index to every page, and every link and anchor leads somewhere", async () => {
  const pages = await pagesOf();
  expect([...pages.keys()]).toEqual(
    expect.arrayContaining(["/docs/tutorial/quickstart", "/docs/architecture", "/docs/changelog"]),
  );
  for (const code of Object.keys(problemKinds)) expect(pages.has(`/problems/${code}`)).toBe(true);
  const others = new Set<string>();
  for (const [from, text] of pages) {
    for (const [, to = ""] of text.matchAll(/(?:href|src)="([^"]+)"/g)) {
      const [path = "", anchor] = to.split("#");
      if (/^(data|https?):/.test(to)) continue;
      expect(to, from).toMatch(/^[/#]/);
      const target = path === "" ? text : pages.get(path);
      if (target === undefined) others.add(path);
      else if (anchor) expect(target, `${from} leads to ${to}`).toContain(`id="${anchor}"`);
    }
  }
  for (const path of others) expect((await see(path)).status, path).toBe(200);
});

it("has every page as Markdown, whose links lead on", async () => {
  const pages = await pagesOf();
  const twins = new Set<string>();
  for (const [path, text] of pages) {
    const twin = /<link rel="alternate" type="text\/markdown" href="([^"]+)"/.exec(text)?.[1];
    if (path === "/docs/search") continue;
    expect(twin, path).toBeDefined();
    twins.add(twin ?? "");
  }
  for (const twin of twins) {
    const response = await see(twin);
    expect(response.headers.get("content-type")).toBe("text/markdown; charset=utf-8");
    const text = await response.text();
    for (const [, to = ""] of text.matchAll(/\]\((\/[^)#\s]*)/g)) {
      expect((await see(to)).status, `${to} of ${twin}`).toBe(200);
    }
  }
});

it("names every page in its navigation, and for programs", async () => {
  const folder = fileURLToPath(new URL("../../docs/", import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const pages = files.filter((file) => file.endsWith(".md") && file !== "README.md");
  expect(pages).toContain("runbooks/redis.md");
  const list = await (await see("/llms.txt")).text();
  const index = await (await see("/docs")).text();
  for (const page of pages) {
    expect(list).toContain(`(/docs/${page})`);
    const address = page === "reference/api.md" ? "/reference" : `/docs/${page.slice(0, -3)}`;
    expect(index).toContain(`<a href="${address}"`);
  }
});

it("runs our scripts and nothing else, asks nobody else, and is small", async () => {
  for (const path of [
    "/docs",
    "/docs/how-to/webhooks",
    "/problems/KEY_REUSED",
    "/docs/search?q=a",
  ]) {
    const response = await see(path);
    const policy = response.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    const text = await response.text();
    expect(text).not.toMatch(/<script(?! type="module" src="\/| src="\/)|<style| style="| on\w+="/);
    const files = [...text.matchAll(/(?:src|href)="(\/docs\/assets\/[^"]+)"/g)];
    const loaded = await Promise.all(files.map(async ([, file = ""]) => (await see(file)).text()));
    expect(loaded).toHaveLength(3);
    expect(loaded.join("")).not.toMatch(/https?:\/\/(?!127\.0\.0\.1)/);
    const bytes = [text, ...loaded].map((one) => gzipSync(one).length);
    expect(bytes.reduce((sum, size) => sum + size)).toBeLessThan(25_000);
  }
});

it("finds a word of the text, a setting, an operation and a problem", async () => {
  const search = async (q: string) => {
    const { body } = await call(`${api.url}/docs/search.json?q=${encodeURIComponent(q)}`);
    return (body.data as { href: string; excerpt: string }[]).map(({ href }) => href);
  };
  expect((await search("duplicate window"))[0]).toContain("/docs/");
  expect((await search("ZERORACE_RATE_PER_IP"))[0]).toBe(
    "/docs/reference/config#ZERORACE_RATE_PER_IP",
  );
  expect(await search("refund a purchase")).toContain("/reference#refundPurchase");
  expect((await search("OUTCOME_UNKNOWN"))[0]).toBe("/problems/OUTCOME_UNKNOWN");
  expect((await search("zerorace_batch_size"))[0]).toContain("/docs/reference/metrics#");
  expect(await search("  ")).toEqual([]);
  expect(await search("qwertzuiop")).toEqual([]);
  // Where no text has all words, those that have some are shown.
  expect((await search("webhooks qwertzuiop")).length).toBeGreaterThan(0);
});

it("shows what it found without a script, and what was typed as text", async () => {
  const text = await (await see("/docs/search?q=standby+Retry-After")).text();
  expect(text).toContain("/problems/RATE_LIMITED");
  const odd = await (await see('/docs/search?q="><script>alert(1)</script>')).text();
  expect(odd).not.toContain("<script>alert");
  expect((await see(`/docs/search?q=${"a".repeat(201)}`)).status).toBe(422);
});

it("is sent packed, and not again when it is the same", async () => {
  const first = await see("/docs/architecture");
  expect(first.headers.get("content-encoding")).toBe("gzip");
  const etag = first.headers.get("etag") ?? "";
  const again = await see("/docs/architecture", { ...asBrowser, "If-None-Match": etag });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  const style = /href="(\/docs\/assets\/style\.css\?v=\w+)"/.exec(await first.text())?.[1] ?? "";
  expect((await see(style)).headers.get("cache-control")).toContain("immutable");
});

it("tells models what there is, and everything in one text", async () => {
  const list = await call(`${api.url}/llms.txt`);
  for (const [, to = ""] of list.text.matchAll(/\]\((\/[^)]*)\)/g)) {
    expect((await see(to)).status, to).toBe(200);
  }
  const all = await call(`${api.url}/llms-full.txt`);
  expect(all.text).toContain("# The four invariants");
  expect(all.text).toContain("## OUTCOME_UNKNOWN");
});

it("is a page for a browser and a problem for a program, where there is nothing", async () => {
  const page = await see("/docs/how-to/nothing");
  expect([page.status, page.headers.get("content-type")]).toEqual([
    404,
    "text/html; charset=utf-8",
  ]);
  const text = await page.text();
  expect(text).toContain(page.headers.get("request-id") ?? "-");
  expect(text).toContain('role="search"');
  const problem = await see("/docs/how-to/nothing", { Accept: "*/*" });
  expect(problem.headers.get("content-type")).toBe("application/problem+json");
});

it.each(Object.entries(problemKinds))(
  "%s says what, why, what to do and whether to retry",
  async (code, kind) => {
    const text = await (await see(`/problems/${code}`)).text();
    for (const heading of ["What happened", "Why", "What to do", "Does a retry help?"]) {
      const [, said = ""] =
        new RegExp(`<h2>${heading.replace("?", "\\?")}</h2><p>(.*?)</p>`).exec(text) ?? [];
      expect(said.length, heading).toBeGreaterThan(20);
    }
    expect(text).toContain(`&quot;status&quot;: ${kind.status}`);
  },
);
