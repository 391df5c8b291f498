import { afterAll, beforeAll, expect, it } from "vitest";
import { closeItem, reshardItem, setPrice } from "../kernel/item-commands.ts";
import { activateMandate, pauseMandate, topUp } from "../kernel/mandate-commands.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { about, granted, holdAsk, makeShop, startKernel, type Shop } from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import { makeWebhook } from "../testing/webhooks.ts";
import { fanOutChanges, type HeardChange } from "./fan-out-changes.ts";
import { toColumn, type Kind } from "./kinds.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const waiting = ({ tenantId }: Shop): Promise<HeardChange[]> =>
  query<HeardChange>(
    database.db,
    `select event_id as "eventId", subject_id as "subjectId", kind, shard from outbox
      where tenant_id = $1 order by created_at, event_id`,
    [tenantId],
  );

async function owed(webhookId: string): Promise<{ type: string; data: object }[]> {
  const rows = await query<{ payload: string }>(
    database.db,
    `select payload from webhook_deliveries where endpoint_id = $1 and kind <> 'webhook.test'
      order by payload::json #>> '{timestamp}'`,
    [webhookId],
  );
  return rows.map(({ payload }) => JSON.parse(payload) as { type: string; data: object });
}

const picks = (webhookId: string, ...kinds: Kind[]) =>
  query(database.db, "update webhook_endpoints set kinds = $2 where endpoint_id = $1", [
    webhookId,
    toColumn(kinds),
  ]);

it("commands are owed once to whoever picked them, by the name of what they changed", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const { tenantId, merchantId } = shop;
  const [{ itemId }, { mandateId }] = [shop.item, shop.mandate];
  const all = await makeWebhook(db, shop);
  const some = await makeWebhook(db, shop);
  await picks(some.webhookId, "mandate.paused", "purchase.committed");
  const stranger = await makeWebhook(db, await makeShop(db));
  await setPrice(db, { tenantId, itemId, priceMinor: 70n });
  await closeItem(db, { tenantId, itemId });
  await pauseMandate(db, { tenantId, mandateId });
  await activateMandate(db, { tenantId, mandateId });
  await topUp(db, { tenantId, mandateId, amountMinor: 5n });
  // How stock is dealt is nobody's business.
  await reshardItem(db, { tenantId, itemId, buckets: 3 });
  // What is refused leaves nothing.
  await topUp(db, { tenantId, mandateId, amountMinor: 0n });
  const events = await waiting(shop);
  expect(events).toHaveLength(6);
  const made = await Promise.all([
    fanOutChanges(db, events),
    fanOutChanges(db, events.toReversed()),
    fanOutChanges(db, events.slice(2)),
  ]);
  expect(made.reduce((sum, count) => sum + count)).toBe(6);
  const item = { itemId, merchantId };
  expect(await owed(all.webhookId)).toMatchObject([
    { type: "item.price_changed", data: item },
    { type: "item.closed", data: item },
    { type: "mandate.paused", data: { mandateId } },
    { type: "mandate.activated", data: { mandateId } },
    { type: "mandate.cap_changed", data: { mandateId } },
  ]);
  expect(await owed(some.webhookId)).toMatchObject([{ type: "mandate.paused" }]);
  expect(await owed(stranger.webhookId)).toEqual([]);
});

it("an extension is told with the end that its answer named, also when it was moved again", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const { webhookId } = await makeWebhook(db, shop);
  await picks(webhookId, "purchase.extended");
  const kernel = startKernel(db);
  const held = await granted(kernel.ask(holdAsk(shop)));
  const extend = (holdSeconds: number) =>
    kernel.ask({ kind: "extend", ...about(shop, held), holdSeconds });
  const [first, second] = [await extend(4_000), await extend(8_000)];
  const ends = [first, second].map((answer) => {
    if (answer.kind !== "granted") throw new Error(`it was ${answer.kind}`);
    return (JSON.parse(answer.text) as { expiresAt: string }).expiresAt;
  });
  expect(await fanOutChanges(db, await waiting(shop))).toBe(2);
  const common = { purchaseId: held, sequence: 1, merchantId: shop.merchantId, agentId: "agent" };
  expect(await owed(webhookId)).toMatchObject(
    ends.map((expiresAt) => ({
      type: "purchase.extended",
      data: { ...common, amountMinor: 100, currency: "USD", expiresAt },
    })),
  );
});
