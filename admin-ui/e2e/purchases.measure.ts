import { loadavg } from "node:os";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { Stage } from "./harness.ts";
import { longMs, longTasksIn } from "./long-tasks.ts";
import { moneyShop } from "./money-shop.ts";

/** Figures, not judgements: `npm run measure`. How soon the first row is there, how 10,000 rows scroll. */

const purchases = 10_000;
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
  const { merchantId, itemId, mandateId } = await moneyShop(stage);
  await stage.call("POST", `/v1/items/${itemId}/adjust`, { quantity: 8_000, reason: "a crowd" });
  const ask = { merchantId, itemId, mandateId, agentId: "agent-7", quantity: 1 };
  const priced = { ...ask, amountMinor: 4500, currency: "USD" };
  const { apiKey } = await stage.call<{ apiKey: string }>("POST", "/v1/keys", {
    name: "measure",
    scopes: ["purchases:write"],
  });
  for (let n = 0; n < purchases; n += 500) {
    const asks = Array.from({ length: 500 }, (_, at) => ({
      ...priced,
      idempotencyKey: `measured-${n + at}`,
    }));
    const response = await fetch(`${stage.url}/v1/purchases/commit-many`, {
      method: "POST",
      headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
      body: JSON.stringify({ asks }),
    });
    expect(response.ok).toBe(true);
  }
}, 120_000);
afterAll(() => stage.close());

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

it.each([
  ["first row", "/purchases", '[role="row"] a'],
  ["the frame alone", "/", "h1"],
])("%s, with nothing in the cache", async (what, path, selector) => {
  const found: number[] = [];
  for (let n = 0; n < 5; n++) {
    const { cookie } = await stage.claimed();
    const [name = "", value = ""] = cookie.split("=");
    const page = await stage.newPage();
    await page.context().addCookies([{ name, value, url: stage.url }]);
    await page.goto(path, { waitUntil: "commit" });
    found.push(await page.evaluate(untilThere, selector));
    await page.context().close();
  }
  found.sort((one, other) => one - other);
  const all = found.map((ms) => ms.toFixed(0)).join(", ");
  const load = loadavg()[0]?.toFixed(1);
  say(`${what}: median ${at(found, 0.5).toFixed(0)} ms of ${all}; load ${load}`);
});

async function untilThere(selector: string): Promise<number> {
  while (!document.querySelector(selector)) {
    await new Promise((resolve) => {
      requestAnimationFrame(resolve);
    });
  }
  return performance.now();
}

it("scrolling through all of them", async () => {
  const page = await stage.signedInPage("/purchases");
  await page.getByRole("row").nth(5).waitFor();
  await readAll(page);
  await page.evaluate(() => scrollTo(0, 0));
  const browser = page.context().browser();
  await browser?.startTracing(page, { categories: ["toplevel"] });
  const { frames, rows } = await page.evaluate(scrollThrough);
  const long = longTasksIn(String(await browser?.stopTracing()));
  frames.sort((one, other) => one - other);
  const figures = [0.5, 0.95, 0.99].map((share) => at(frames, share).toFixed(0)).join(", ");
  const load = loadavg()[0]?.toFixed(1);
  say(`${frames.length} frames: p50, p95, p99 ${figures} ms, worst ${at(frames, 1).toFixed(0)} ms`);
  const worked = long.map(({ processorMs }) => processorMs).filter((ms) => ms > longMs);
  const most = worked.length === 0 ? "" : `, the longest ${Math.max(...worked)} ms`;
  say(
    `tasks that worked longer than ${longMs} ms: ${worked.length}${most}; by the clock ${long.length}; ` +
      `rows in the page: ${rows}; load ${load}`,
  );
}, 240_000);

async function readAll(page: Page): Promise<void> {
  const since = performance.now();
  await expect
    .poll(
      async () => {
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
        return page.getByText(/^[\d,]+ purchases so far$/).count();
      },
      { timeout: 200_000, interval: 50 },
    )
    .toBe(0);
  const text = await page.getByText(/^[\d,]+ purchases$/).innerText();
  say(`${text} read to the end in ${((performance.now() - since) / 1000).toFixed(1)} s`);
}

/** As fast as a thrown wheel: 240 rows a second, for ten seconds from the top and in leaps to the end. */
async function scrollThrough(): Promise<{ frames: number[]; rows: number }> {
  const frames: number[] = [];
  const end = document.documentElement.scrollHeight - innerHeight;
  let last = performance.now();
  for (let n = 0; n < 600; n++) {
    scrollTo(0, n < 300 ? n * 160 : end * (n / 600));
    await new Promise((resolve) => {
      requestAnimationFrame(resolve);
    });
    frames.push(performance.now() - last);
    last = performance.now();
  }
  return { frames, rows: document.querySelectorAll('[role="row"]').length };
}
