import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import {
  about,
  commitAsk,
  granted,
  holdAsk,
  makeShop,
  startKernel,
  tally,
  told,
} from "../testing/factories.ts";
import { look, query } from "../testing/look.ts";
import { amountMax } from "./ask.ts";
import { openMandates } from "./openings.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

it("sells at 2^53-1, from stock and money of 2^53-1, to the last cent", async () => {
  const { db } = database;
  const shop = await makeShop(db, {
    item: { priceMinor: amountMax, stock: amountMax },
    mandate: { capMinor: amountMax, purchaseMaxMinor: amountMax, dayLimitMinor: amountMax },
  });
  const kernel = startKernel(db);
  const answer = await kernel.ask(commitAsk(shop));
  expect(answer).toMatchObject({
    kind: "granted",
    text: expect.stringContaining(`:${amountMax},`),
  });
  expect(await look(db, shop)).toMatchObject({ remaining: 0n, available: amountMax - 1n });
  const more = await kernel.ask(commitAsk(shop));
  expect(told(more)).toMatchObject({ reason: "PERIOD", limit: Number(amountMax) });
  await expectProven(db);
});

it("sells a quantity of 2^53-1 and takes it back", async () => {
  const { db } = database;
  const shop = await makeShop(db, {
    item: { priceMinor: 1n, stock: amountMax, buckets: 64 },
    mandate: { capMinor: amountMax, buckets: 20 },
  });
  const kernel = startKernel(db);
  const purchaseId = await granted(kernel.ask(holdAsk(shop, { quantity: amountMax })));
  await granted(
    kernel.ask({ kind: "capture", ...about(shop, purchaseId), quantity: amountMax - 1n }),
  );
  expect(await look(db, shop)).toMatchObject({ available: 1n, remaining: 1n });
  const back = { amountMinor: amountMax - 1n, returnQuantity: amountMax - 1n };
  await granted(kernel.ask({ kind: "refund", ...about(shop, purchaseId), ...back }));
  expect(await look(db, shop)).toMatchObject({ available: amountMax, remaining: amountMax });
  await expectProven(db);
});

it("keeps a ledger whose totals are more than a BIGINT holds", async () => {
  const { db } = database;
  const shop = await makeShop(db, { item: { priceMinor: amountMax, stock: amountMax } });
  const { tenantId, mandate } = shop;
  const rich = Array.from({ length: 1_100 }, () => {
    return { ...mandate, tenantId, mandateId: randomUUID(), capMinor: amountMax, buckets: 1 };
  });
  for (let at = 0; at < rich.length; at += 100) await openMandates(db, rich.slice(at, at + 100));
  const kernel = startKernel(db);
  const answers = await Promise.all(
    rich.map(({ mandateId }) => kernel.ask(commitAsk(shop, { mandateId }))),
  );
  expect(tally(answers)).toEqual({ granted: 1_100 });
  const [row] = await query<{ total: string }>(
    db,
    `select sum(amount_minor)::text as total from ledger_entries
      where tenant_id = $1 and account = 'MERCHANT_PAYABLE'`,
    [tenantId],
  );
  expect(row?.total).toBe(String(1_100n * amountMax));
  expect(BigInt(row?.total ?? 0)).toBeGreaterThan(2n ** 63n);
  await expectProven(db);
});

it("refuses 2^53 and whatever would not stay whole, and records nothing", async () => {
  const { db } = database;
  const shop = await makeShop(db, {
    item: { priceMinor: amountMax, stock: amountMax },
    mandate: { capMinor: amountMax, duplicateWindowSeconds: 60 },
  });
  const kernel = startKernel(db);
  const over = amountMax + 1n;
  const line = { itemId: shop.item.itemId };
  const invalid = { kind: "rejected", code: "INVALID_ASK" };
  const mismatch = { kind: "rejected", code: "AMOUNT_MISMATCH" };
  expect(await kernel.ask(commitAsk(shop, { amountMinor: over }))).toMatchObject(invalid);
  expect(await kernel.ask(commitAsk(shop, { quantity: over, amountMinor: 1n }))).toMatchObject(
    invalid,
  );
  const charge = { name: "tax", amountMinor: over };
  expect(await kernel.ask(commitAsk(shop, { charges: [charge] }))).toMatchObject(invalid);
  // Price times quantity is 2^106: the amount cannot be right, but nothing may overflow on the way.
  const lines = Array.from({ length: 20 }, () => ({ ...line, quantity: amountMax }));
  expect(await kernel.ask(commitAsk(shop, { lines, amountMinor: amountMax }))).toMatchObject(
    mismatch,
  );
  expect(await look(db, shop)).toMatchObject({ answers: 0, purchases: 0, available: amountMax });
  await expectProven(db);
});
