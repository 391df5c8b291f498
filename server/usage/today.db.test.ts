import { afterAll, beforeAll, expect, it } from "vitest";
import { openKernel, type Kernel } from "../kernel/gather.ts";
import { call, commitBodyOf, makeKey, post, startApi, type TestApi } from "../testing/api.ts";
import { about, commitAsk, granted, holdAsk, makeShop, type Shop } from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import type { TodayView } from "./wire.ts";

let api: TestApi;
let kernel: Kernel;
beforeAll(async () => {
  api = await startApi();
  kernel = openKernel(api.database.db);
});
afterAll(async () => {
  await kernel.close();
  await api.close();
  expect(api.logged).toEqual([]);
});

async function today(shop: Shop): Promise<TodayView> {
  const key = await makeKey(api, shop, ["usage:read"]);
  const headers = { Authorization: `Bearer ${key}` };
  const { status, body, text } = await call(`${api.url}/v1/usage/today`, { headers });
  expect(status, text).toBe(200);
  return body as unknown as TodayView;
}

it("today is what was paid and paid back since midnight, and why the rest was declined", async () => {
  const { db } = api.database;
  const shop = await makeShop(db);
  const other = await makeShop(db);
  expect(await today(shop)).toMatchObject({ revenue: [], declines: [], latency: null });
  const bought = await granted(kernel.ask(commitAsk(shop, { quantity: 3n })));
  await granted(kernel.ask({ kind: "refund", ...about(shop, bought), amountMinor: 50n }));
  const held = await granted(kernel.ask(holdAsk(shop)));
  await granted(kernel.ask({ kind: "capture", ...about(shop, held) }));
  await granted(kernel.ask(holdAsk(shop)));
  for (const quantity of [1_000n, 2_000n]) await kernel.ask(commitAsk(shop, { quantity }));
  await kernel.ask(commitAsk(shop, { agentId: "x", quantity: 90_000n }));
  await query(db, "update mandates set state = 'paused' where mandate_id = $1", [
    shop.mandate.mandateId,
  ]);
  await query(db, "update mandate_buckets set active = false where mandate_id = $1", [
    shop.mandate.mandateId,
  ]);
  await kernel.ask(commitAsk(shop));
  const view = await today(shop);
  expect(view.revenue).toEqual([{ currency: "USD", soldMinor: "400", refundedMinor: "50" }]);
  expect(view.declines).toEqual([
    { reason: "SOLD_OUT", count: 3 },
    { reason: "PAUSED", count: 1 },
  ]);
  expect((await today(other)).revenue).toEqual([]);
});

it("what was before midnight is not of today", async () => {
  const { db } = api.database;
  const shop = await makeShop(db);
  await kernel.ask(commitAsk(shop, { quantity: 1_000n }));
  const early = "update asks set created_at = created_at - interval '1 day' where tenant_id = $1";
  await query(db, early, [shop.tenantId]);
  expect((await today(shop)).declines).toEqual([]);
});

it("how long answers took is told once there are some", async () => {
  const shop = await makeShop(api.database.db);
  const key = await makeKey(api, shop);
  for (const idempotencyKey of ["1", "2", "3"]) {
    await post(api, "/v1/purchases/commit", commitBodyOf(shop), { key, idempotencyKey });
  }
  // The log of requests is written once a second.
  const latency = await expect
    .poll(async () => (await today(shop)).latency, { timeout: 10_000 })
    .not.toBeNull()
    .then(async () => (await today(shop)).latency);
  expect(latency?.requests).toBeGreaterThan(0);
  expect(latency?.p50Ms).toBeLessThanOrEqual(latency?.p99Ms ?? 0);
});
