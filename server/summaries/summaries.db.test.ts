import { afterAll, beforeAll, expect, it } from "vitest";
import { makeLog } from "../base/log.ts";
import { openKernel } from "../kernel/gather.ts";
import { call, makeKey, startApi, type Reply, type TestApi } from "../testing/api.ts";
import { badHttp, type BadHttp } from "../proof/bad-http.ts";
import { about, commitAsk, granted, holdAsk, makeShop, type Shop } from "../testing/factories.ts";
import { tellsNobody } from "../live/announce.ts";
import { startTestPlane, type TestPlane } from "../testing/plane.ts";
import type { JobContext } from "../../worker/job.ts";
import { relayOnce } from "../../worker/relay.ts";
import { tellWatermark } from "../../worker/watermark.ts";

let api: TestApi;
let dynamo: TestPlane;
let network: BadHttp;
let shop: Shop;
let key: string;
let ctx: JobContext;
beforeAll(async () => {
  dynamo = await startTestPlane();
  network = await badHttp(dynamo.endpoint);
  const { plane } = dynamo;
  api = await startApi({
    ZERORACE_DYNAMODB_ENDPOINT: network.url,
    ZERORACE_DYNAMODB_TABLE: plane.table,
  });
  const { db } = api.database;
  shop = await makeShop(db);
  key = await makeKey(api, shop, ["ledger:read"]);
  ctx = {
    db,
    log: makeLog("test", { logLevel: "silent" }),
    metrics: db.metrics,
    plane,
    tells: tellsNobody,
  };
});
afterAll(async () => {
  await api.close();
  await network.close();
  await dynamo.close();
});

const shards = Array.from({ length: 16 }, (_, shard) => shard);
async function tellAll(): Promise<void> {
  while ((await relayOnce(ctx, { shards: () => shards })) > 0);
  await tellWatermark(ctx);
}

const read = async (path: string): Promise<Reply> =>
  call(`${api.url}${path}`, { headers: { Authorization: `Bearer ${key}` } });
const ofMerchant = (after?: string) =>
  read(`/v1/merchants/${shop.merchantId}/summary${after === undefined ? "" : `?after=${after}`}`);

it("the books answer until there are copies, then the copies do, and both say the same", async () => {
  const kernel = openKernel(api.database.db);
  const bought = await granted(kernel.ask(commitAsk(shop, { quantity: 3n })));
  await granted(kernel.ask({ kind: "refund", ...about(shop, bought), amountMinor: 50n }));
  const held = await granted(kernel.ask(holdAsk(shop, { quantity: 2n })));
  await granted(kernel.ask({ kind: "capture", ...about(shop, held), quantity: 1n }));
  await granted(kernel.ask(holdAsk(shop)));
  await kernel.close();
  const expected = {
    currency: "USD",
    payableMinor: "350",
    heldMinor: "100",
    sales: 2,
    soldMinor: "400",
    refunds: 1,
    refundedMinor: "50",
    holds: 2,
  };
  expect((await ofMerchant()).body).toMatchObject({ source: "books", currencies: [expected] });
  await tellAll();
  expect((await ofMerchant()).body).toMatchObject({ source: "copies", currencies: [expected] });
  expect((await read("/v1/tenant/summary")).body).toMatchObject({
    source: "copies",
    asOf: expect.any(String),
    currencies: [expected],
  });
});

it("who has just bought reads at least its own purchase, told or not", async () => {
  const kernel = openKernel(api.database.db);
  const before = (await ofMerchant()).body.currencies as { sales: number }[];
  const sales = (before[0]?.sales ?? 0) + 1;
  const id = await granted(kernel.ask(commitAsk(shop)));
  await kernel.close();
  const untold = await ofMerchant(id);
  expect(untold.body).toMatchObject({ source: "books", currencies: [{ sales }] });
  // The purchase is told and added up, but its merchant's sums are not copied yet.
  await relayOnce(ctx, { shards: () => shards });
  expect((await ofMerchant(id)).body).toMatchObject({ source: "books", currencies: [{ sales }] });
  await tellAll();
  expect((await ofMerchant(id)).body).toMatchObject({ source: "copies", currencies: [{ sales }] });
});

it("while DynamoDB throttles, the books answer", async () => {
  network.fate(() => "throttle");
  expect((await ofMerchant()).body).toMatchObject({ source: "books" });
  network.fate(() => "pass");
  expect((await ofMerchant()).body).toMatchObject({ source: "copies" });
});

it("a merchant that sold nothing has no sums, another tenant's has no answer", async () => {
  const other = await makeShop(api.database.db);
  const theirs = await read(`/v1/merchants/${other.merchantId}/summary`);
  expect(theirs.status).toBe(403);
  const unknown = await read("/v1/merchants/00000000-0000-4000-8000-000000000000/summary");
  expect(unknown.body).toMatchObject({ code: "UNKNOWN_MERCHANT" });
  const bad = await read(`/v1/merchants/${shop.merchantId}/summary?after=yesterday`);
  expect(bad.body).toMatchObject({ code: "VALIDATION_FAILED" });
  const otherKey = await makeKey(api, other, ["ledger:read"]);
  const own = await call(`${api.url}/v1/merchants/${other.merchantId}/summary`, {
    headers: { Authorization: `Bearer ${otherKey}` },
  });
  expect(own.body).toMatchObject({ currencies: [] });
});
