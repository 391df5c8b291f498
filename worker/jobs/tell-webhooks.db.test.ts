import { afterAll, beforeAll, expect, it } from "vitest";
import { makeLog } from "../../server/base/log.ts";
import { tellsNobody } from "../../server/live/announce.ts";
import { freshDatabase, type TestDatabase } from "../../server/testing/database.ts";
import { commitAsk, granted, makeShop, startKernel } from "../../server/testing/factories.ts";
import { query } from "../../server/testing/look.ts";
import { makeWebhook } from "../../server/testing/webhooks.ts";
import { shardCount } from "../outbox/due.ts";
import { relayOnce } from "../relay.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

it("an event of the outbox is owed to the tenant's webhook as soon as it is heard", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const { webhookId } = await makeWebhook(db, shop);
  const kernel = startKernel(db);
  const purchaseId = await granted(kernel.ask(commitAsk(shop)));
  await granted(kernel.ask(commitAsk(await makeShop(db))));
  const log = makeLog("test", { logLevel: "silent" });
  const ctx = { db, log, metrics: db.metrics, plane: undefined, tells: tellsNobody };
  const shards = () => Array.from({ length: shardCount }, (_, shard) => shard);
  await relayOnce(ctx, { shards });
  await relayOnce(ctx, { shards });
  const owed = `select endpoint_id, event_id from webhook_deliveries where kind <> 'webhook.test'`;
  expect(await query(db, owed)).toEqual([{ endpoint_id: webhookId, event_id: purchaseId }]);
});
