import { afterAll, beforeAll, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { about, commitAsk, granted, holdAsk, makeShop, startKernel } from "../testing/factories.ts";
import { query, turnBack } from "../testing/look.ts";
import { settleInOneBatch } from "../testing/one-batch.ts";
import { makeWebhook } from "../testing/webhooks.ts";
import { expireHolds } from "../kernel/expire-holds.ts";
import { fanOutChanges, type HeardChange } from "./fan-out-changes.ts";
import { fanOut, hearWhatWasMissed, type Heard } from "./fan-out.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const hear = (options = {}) =>
  hearWhatWasMissed(database.db, new AbortController().signal, options);

const owed = (webhookId: string) =>
  query<{ event_id: string; kind: string; payload: string; state: string }>(
    database.db,
    `select event_id, kind, payload, state from webhook_deliveries
      where endpoint_id = $1 and kind <> 'webhook.test' order by payload::json #>> '{timestamp}', event_id`,
    [webhookId],
  );

const outbox = (tenantId: string): Promise<Heard[]> =>
  query<Heard>(
    database.db,
    `select event_id as "eventId", subject_id as "subjectId" from outbox where tenant_id = $1`,
    [tenantId],
  );

it("an event is owed once to each endpoint that wants it, however often and by whom it is told", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const all = await makeWebhook(db, shop);
  const some = await makeWebhook(db, shop);
  await query(
    db,
    "update webhook_endpoints set kinds = ' purchase.refunded ' where endpoint_id = $1",
    [some.webhookId],
  );
  const stranger = await makeWebhook(db, await makeShop(db));
  const kernel = startKernel(db);
  const purchaseId = await granted(kernel.ask(commitAsk(shop)));
  await granted(kernel.ask({ kind: "refund", ...about(shop, purchaseId), amountMinor: 30n }));
  await granted(kernel.ask({ kind: "refund", ...about(shop, purchaseId), amountMinor: 70n }));
  const events = await outbox(shop.tenantId);
  expect(events).toHaveLength(3);
  const made = await Promise.all([
    fanOut(db, events),
    fanOut(db, events.toReversed()),
    hear(),
    hear(),
    fanOut(db, events.slice(1)),
  ]);
  expect(made.reduce((sum, count) => sum + count)).toBe(5);
  const told = await owed(all.webhookId);
  expect(told.map(({ kind }) => kind)).toEqual([
    "purchase.committed",
    "purchase.refunded",
    "purchase.refunded",
  ]);
  const { merchantId, mandate } = shop;
  expect(told.map(({ payload }) => JSON.parse(payload) as unknown)).toMatchObject([
    {
      type: "purchase.committed",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      data: {
        eventId: purchaseId,
        purchaseId,
        sequence: 1,
        merchantId,
        mandateId: mandate.mandateId,
        agentId: "agent",
        amountMinor: 100,
        currency: "USD",
      },
    },
    { data: { purchaseId, sequence: 2, amountMinor: 30 } },
    { data: { purchaseId, sequence: 3, amountMinor: 70 } },
  ]);
  expect((await owed(some.webhookId)).map(({ kind }) => kind)).toEqual([
    "purchase.refunded",
    "purchase.refunded",
  ]);
  expect(await owed(stranger.webhookId)).toEqual([]);
});

it("what nobody told is found in the ledger, page by page, and the mark moves behind it", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const { webhookId } = await makeWebhook(db, shop);
  const kernel = startKernel(db);
  await Promise.all(Array.from({ length: 25 }, () => granted(kernel.ask(commitAsk(shop)))));
  expect(await hear({ eventsMax: 10 })).toBe(25);
  expect(await hear()).toBe(0);
  expect(await owed(webhookId)).toHaveLength(25);
  const mark = `select heard_to <= now() - interval '110 seconds' and
                       heard_to > now() - interval '1 day' as moved from webhook_marks where tenant_id = $1`;
  await query(
    db,
    "update webhook_marks set heard_to = now() - interval '2 days' where tenant_id = $1",
    [shop.tenantId],
  );
  expect(await hear()).toBe(0);
  expect(await query(db, mark, [shop.tenantId])).toEqual([{ moved: true }]);
  // Within the margin something may yet be committed with an older time.
  await granted(kernel.ask(commitAsk(shop)));
  expect(await hear()).toBe(1);
});

it("tells of the whole life of a hold with the amounts of each step", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const { webhookId } = await makeWebhook(db, shop);
  const kernel = startKernel(db);
  const captured = await granted(kernel.ask(holdAsk(shop, { quantity: 3n })));
  await granted(kernel.ask({ kind: "extend", ...about(shop, captured), holdSeconds: 900 }));
  await granted(kernel.ask({ kind: "capture", ...about(shop, captured), quantity: 2n }));
  const released = await granted(kernel.ask(holdAsk(shop)));
  await granted(kernel.ask({ kind: "release", ...about(shop, released) }));
  const expired = await granted(kernel.ask(holdAsk(shop)));
  await turnBack(db, [expired], "1 hour");
  await expireHolds(db);
  await fanOut(db, await outbox(shop.tenantId));
  const told = (await owed(webhookId)).map(({ payload }) => {
    const { type, data } = JSON.parse(payload) as {
      type: string;
      data: { purchaseId: string; sequence: number; amountMinor: number };
    };
    return `${type} ${data.sequence} ${data.amountMinor}`;
  });
  expect(told.toSorted((one, other) => (one < other ? -1 : 1))).toEqual([
    "purchase.captured 2 200",
    "purchase.expired 2 100",
    "purchase.held 1 100",
    "purchase.held 1 100",
    "purchase.held 1 300",
    "purchase.released 2 100",
  ]);
});

it("what one transaction did to a purchase is numbered in the order in which it happened", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const { webhookId } = await makeWebhook(db, shop);
  const held = await granted(startKernel(db).ask(holdAsk(shop)));
  await settleInOneBatch(db, shop, held);
  const events = await query<HeardChange>(
    db,
    `select event_id as "eventId", subject_id as "subjectId", kind, shard from outbox where tenant_id = $1`,
    [shop.tenantId],
  );
  await fanOut(db, events);
  await fanOutChanges(db, events);
  const told = (await owed(webhookId)).map(({ payload }) => {
    const { type, data } = JSON.parse(payload) as { type: string; data: { sequence: number } };
    return `${data.sequence} ${type}`;
  });
  expect(told.toSorted()).toEqual([
    "1 purchase.extended",
    "1 purchase.held",
    "2 purchase.captured",
    "3 purchase.refunded",
  ]);
});

it("what happened before a webhook was made is not owed; what happens while it is disabled is skipped", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const kernel = startKernel(db);
  await granted(kernel.ask(commitAsk(shop)));
  const { webhookId } = await makeWebhook(db, shop);
  expect(await fanOut(db, await outbox(shop.tenantId))).toBe(0);
  const disable = `update webhook_endpoints set state = 'disabled', disabled_reason = 'by_hand'
                    where endpoint_id = $1`;
  await query(db, disable, [webhookId]);
  await granted(kernel.ask(commitAsk(shop)));
  expect(await hear()).toBe(1);
  expect(await owed(webhookId)).toMatchObject([{ state: "skipped" }]);
});
