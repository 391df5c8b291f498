import { afterAll, beforeAll, expect, it } from "vitest";
import { makeLog } from "../server/base/log.ts";
import { dropTable } from "../server/readplane/table.ts";
import { tellsNobody } from "../server/live/announce.ts";
import { freshDatabase, type TestDatabase } from "../server/testing/database.ts";
import { expectTold } from "../server/testing/expect-told.ts";
import { about, commitAsk, granted, makeShop, startKernel } from "../server/testing/factories.ts";
import { startTestPlane, type TestPlane } from "../server/testing/plane.ts";
import type { JobContext } from "./job.ts";
import { shardCount } from "./outbox/due.ts";
import { reconcile } from "./outbox/reconcile.ts";
import { totalsChanged } from "./outbox/floor.ts";
import { rebuild } from "./rebuild.ts";
import { relayOnce } from "./relay.ts";

let database: TestDatabase;
let dynamo: TestPlane;
let ctx: JobContext;
beforeAll(async () => {
  database = await freshDatabase();
  const { db } = database;
  dynamo = await startTestPlane(db.metrics);
  const log = makeLog("test", { logLevel: "silent" });
  ctx = { db, log, metrics: db.metrics, plane: dynamo.plane, tells: tellsNobody };
});
afterAll(async () => {
  await dynamo.close();
  await database.close();
});

const shards = Array.from({ length: shardCount }, (_, shard) => shard);
const tellAll = async (): Promise<void> => {
  while ((await relayOnce(ctx, { shards: () => shards })) > 0);
};

it("a table that was lost is made anew from the books while the shop sells", async () => {
  const { db } = database;
  const kernel = startKernel(db);
  const shop = await makeShop(db, { item: { stock: 1_000n } });
  const sell = () => granted(kernel.ask(commitAsk(shop)));
  await Promise.all(Array.from({ length: 50 }, sell));
  await tellAll();
  await dropTable(dynamo.plane);
  let isDone = false;
  const selling = (async () => {
    for (let nth = 0; nth < 20 || !isDone; nth++) {
      const refund = { ...about(shop, await sell()), amountMinor: 1n };
      await granted(kernel.ask({ kind: "refund", ...refund }));
      // Without a table nothing can be told: the rows wait.
      await relayOnce(ctx, { shards: () => shards }).catch(() => 0);
    }
  })();
  const copied = await rebuild(db, dynamo.plane);
  expect(copied).toMatchObject({ items: 1, mandates: 1, owners: 2 });
  expect(copied.purchases).toBeGreaterThanOrEqual(50);
  isDone = true;
  await selling;
  await tellAll();
  await expectTold(db, dynamo.plane);
});

it("sums are held against the journal, also what is not told yet, and put right once", async () => {
  const { db } = database;
  const kernel = startKernel(db);
  const shop = await makeShop(db);
  const sell = () => granted(kernel.ask(commitAsk(shop)));
  await sell();
  expect(await reconcile(db)).toEqual([]);
  await tellAll();
  await sell();
  expect(await reconcile(db)).toEqual([]);
  await db.pool.query(
    "update account_totals set amount_minor = amount_minor + 7 where owner_id = $1 and slice >= 0",
    [shop.merchantId],
  );
  const [found, ...others] = await reconcile(db, { repair: true });
  expect(found).toMatchObject({ ownerId: shop.merchantId, amountMinor: -7n, legs: 0n });
  expect(others).toEqual([]);
  expect(await reconcile(db, { repair: true })).toEqual([]);
  // Its copies are told anew, and nobody else's.
  const { rows } = await db.pool.query("select subject_id from outbox where kind = $1", [
    totalsChanged,
  ]);
  expect(rows).toEqual([{ subject_id: shop.merchantId }]);
  await tellAll();
  await expectTold(db, dynamo.plane);
});
