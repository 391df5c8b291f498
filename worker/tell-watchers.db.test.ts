import { afterAll, beforeAll, expect, it } from "vitest";
import { readConfig } from "../server/base/config.ts";
import { makeLog } from "../server/base/log.ts";
import { makeKey, startApi, type TestApi } from "../server/testing/api.ts";
import { about, granted, holdAsk, makeShop, startKernel } from "../server/testing/factories.ts";
import { listen } from "../server/testing/listener.ts";
import { turnBack } from "../server/testing/look.ts";
import { openDoor, type Door } from "../server/testing/door.ts";
import { startTestRedis, type TestRedis } from "../server/testing/redis-servers.ts";
import { startWorker, type RunningWorker } from "./main.ts";

let redis: TestRedis;
let door: Door;
let api: TestApi;
let worker: RunningWorker;
beforeAll(async () => {
  redis = await startTestRedis();
  door = await openDoor(redis.url);
  api = await startApi({ ZERORACE_REDIS_URL: redis.url });
  const config = readConfig({
    ZERORACE_REDIS_URL: door.url,
    ZERORACE_QUEUE: "off",
    ZERORACE_WORKER_METRICS_PORT: "0",
  });
  worker = await startWorker(config, api.database.db, makeLog("test", { logLevel: "silent" }));
});
afterAll(async () => {
  await worker.drain();
  await api.close();
  await door.close();
  await redis.close();
});

const scopes = ["purchases:read", "items:read", "mandates:read", "ledger:read"];
const topics = "purchases,items,mandates,summaries";

async function watched() {
  const shop = await makeShop(api.database.db);
  const key = await makeKey(api, shop, scopes);
  const stream = await listen(`${api.url}/v1/stream?topics=${topics}`, {
    Authorization: `Bearer ${key}`,
  });
  await stream.next("open");
  const heard = (topic: string): unknown[] =>
    stream.heard.filter(({ name }) => name === topic).flatMap(({ data }) => data.ids);
  return { shop, stream, heard };
}

it("a hold whose time is over is told by the worker, with what came back and the sums", async () => {
  const { shop, heard } = await watched();
  // Sold past this server, so that nothing is heard but from the worker.
  const kernel = startKernel(api.database.db);
  const purchaseId = await granted(kernel.ask(holdAsk(shop)));
  await expect.poll(() => heard("summaries"), { timeout: 10_000 }).toContain(shop.merchantId);
  expect([heard("purchases"), heard("items"), heard("mandates")]).toEqual([[], [], []]);
  await turnBack(api.database.db, [purchaseId], "1 hour");
  await expect.poll(() => heard("purchases"), { timeout: 20_000 }).toEqual([purchaseId]);
  await expect.poll(() => heard("items")).toContain(shop.item.itemId);
  await expect.poll(() => heard("mandates")).toContain(shop.mandate.mandateId);
  expect(heard("summaries")).toContain(shop.tenantId);
}, 40_000);

it("while Redis is away nobody is told and everything else is done; then it is told again", async () => {
  const { shop, heard } = await watched();
  const kernel = startKernel(api.database.db);
  door.set("shut");
  const first = await granted(kernel.ask(holdAsk(shop)));
  await granted(kernel.ask({ kind: "release", ...about(shop, first) }));
  const waiting = "select count(*)::integer as count from outbox";
  const { pool } = api.database.db;
  await expect
    .poll(async () => (await pool.query<{ count: number }>(waiting)).rows[0]?.count, {
      timeout: 10_000,
    })
    .toBe(0);
  expect(heard("summaries")).toEqual([]);
  door.set("open");
  await expect
    .poll(
      async () => {
        await granted(kernel.ask(holdAsk(shop)));
        return heard("summaries");
      },
      { timeout: 10_000, interval: 500 },
    )
    .toContain(shop.merchantId);
}, 40_000);
