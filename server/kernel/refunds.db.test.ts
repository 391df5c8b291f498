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

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

it("a refund gives back money, and units when asked, in parts up to the whole", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const kernel = startKernel(db);
  const purchaseId = await granted(kernel.ask(commitAsk(shop, { quantity: 4n })));
  const refund = { kind: "refund", ...about(shop, purchaseId) } as const;
  const part = await kernel.ask({ ...refund, amountMinor: 150n });
  expect(told(part)).toMatchObject({ outcome: "REFUNDED", amountMinor: 150 });
  expect(await look(db, shop)).toMatchObject({ available: 96n, remaining: 999_750n, legs: 4 });
  const over = await kernel.ask({ ...refund, key: "over", amountMinor: 251n });
  expect(told(over)).toMatchObject({
    failureCode: "OVER_REFUND",
    limit: 400,
    used: 150,
    asked: 251,
  });
  await granted(kernel.ask({ ...refund, key: "rest", amountMinor: 250n, returnQuantity: 4n }));
  expect(await look(db, shop)).toMatchObject({ available: 100n, remaining: 1_000_000n });
  const units = await kernel.ask({ ...refund, key: "units", amountMinor: 0n, returnQuantity: 1n });
  expect(told(units)).toMatchObject({
    failureCode: "OVER_REFUND",
    reason: "OVER_RETURN",
    limit: 4,
    used: 4,
  });
  await expectProven(db);
});

it("units can return without money, and money without units", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const kernel = startKernel(db);
  const purchaseId = await granted(kernel.ask(commitAsk(shop)));
  const refund = { kind: "refund", ...about(shop, purchaseId) } as const;
  await granted(kernel.ask({ ...refund, amountMinor: 0n, returnQuantity: 1n }));
  expect(await look(db, shop)).toMatchObject({ available: 100n, remaining: 999_900n });
  await granted(kernel.ask({ ...refund, key: "money", amountMinor: 100n }));
  expect(await look(db, shop)).toMatchObject({ available: 100n, remaining: 1_000_000n });
  const nothing = await kernel.ask({ ...refund, key: "nothing", amountMinor: 0n });
  expect(nothing).toMatchObject({ kind: "rejected", code: "INVALID_ASK" });
  await expectProven(db);
});

it("of 20 refunds in a race no cent goes back twice", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const kernels = [startKernel(db), startKernel(db)] as const;
  const purchaseId = await granted(kernels[0].ask(commitAsk(shop, { quantity: 10n })));
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => {
      const ask = { kind: "refund", ...about(shop, purchaseId), amountMinor: 150n } as const;
      return kernels[index % 2 === 0 ? 0 : 1].ask({ ...ask, returnQuantity: 1n });
    }),
  );
  expect(tally(answers)).toEqual({ granted: 6, OVER_REFUND: 14 });
  expect(await look(db, shop)).toMatchObject({ remaining: 999_900n, available: 96n });
  await expectProven(db);
});

it("a discount is not given back a second time", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const kernel = startKernel(db);
  const charges = [{ name: "discount", amountMinor: -40n }];
  const purchaseId = await granted(kernel.ask(commitAsk(shop, { charges, amountMinor: 60n })));
  const refund = { kind: "refund", ...about(shop, purchaseId) } as const;
  const over = await kernel.ask({ ...refund, amountMinor: 61n });
  expect(told(over)).toMatchObject({ failureCode: "OVER_REFUND", limit: 60, used: 0, asked: 61 });
  await granted(kernel.ask({ ...refund, key: "paid", amountMinor: 60n }));
  expect(await look(db, shop)).toMatchObject({ remaining: 1_000_000n });
  await expectProven(db);
});

it("a hold has nothing to refund until it is captured, and then what was captured", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const kernel = startKernel(db);
  const purchaseId = await granted(kernel.ask(holdAsk(shop, { quantity: 3n })));
  const refund = { kind: "refund", ...about(shop, purchaseId) } as const;
  const early = await kernel.ask({ ...refund, key: "early", amountMinor: 1n });
  expect(told(early)).toMatchObject({
    failureCode: "OVER_REFUND",
    reason: "NOT_SETTLED",
    limit: 0,
  });
  await granted(kernel.ask({ kind: "capture", ...about(shop, purchaseId), quantity: 2n }));
  const over = await kernel.ask({ ...refund, key: "over", amountMinor: 201n });
  expect(told(over)).toMatchObject({ reason: "OVER_REFUND", limit: 200 });
  await granted(kernel.ask({ ...refund, amountMinor: 200n, returnQuantity: 2n }));
  expect(await look(db, shop)).toMatchObject({ available: 100n, remaining: 1_000_000n });
  await expectProven(db);
});

it("a refund names the line that it is about", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const kernel = startKernel(db);
  const charges = [{ name: "shipping", amountMinor: 30n }];
  const purchaseId = await granted(kernel.ask(commitAsk(shop, { charges, amountMinor: 130n })));
  const refund = { kind: "refund", ...about(shop, purchaseId) } as const;
  const over = await kernel.ask({ ...refund, key: "over", line: 1, amountMinor: 31n });
  expect(told(over)).toMatchObject({ reason: "OVER_REFUND", limit: 30 });
  const nowhere = await kernel.ask({ ...refund, key: "nowhere", line: 2, amountMinor: 1n });
  expect(nowhere).toMatchObject({ kind: "rejected", code: "INVALID_ASK" });
  await granted(kernel.ask({ ...refund, line: 1, amountMinor: 30n }));
  const rows = await query<{ refunded: bigint }>(
    db,
    "select refunded_minor as refunded from purchases where purchase_id = $1 order by line",
    [purchaseId],
  );
  expect(rows.map(({ refunded }) => refunded)).toEqual([0n, 30n]);
  await expectProven(db);
});
