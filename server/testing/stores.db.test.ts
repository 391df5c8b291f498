import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { transact } from "../db/transact.ts";
import { findItem, listItems, stockOf } from "../items/store.ts";
import { findMandate, leftOf, listMandates } from "../mandates/store.ts";
import { createMerchant, findMerchant, listMerchants } from "../merchants/store.ts";
import { freshDatabase, type TestDatabase } from "./database.ts";
import {
  about,
  commitAsk,
  granted,
  holdAsk,
  makeItem,
  makeMandate,
  makeShop,
  startKernel,
} from "./factories.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await freshDatabase();
});
afterAll(() => test.close());

it("pages through a list newest first, each thing once, also when many were made at one moment", async () => {
  const { tenantId } = await makeShop(test.db);
  const ids = Array.from({ length: 7 }, () => randomUUID());
  await transact(test.db, "test", async (tx) => {
    for (const merchantId of ids)
      await createMerchant(tx, { merchantId, tenantId, name: "one of many" });
  });
  const seen: string[] = [];
  let after: { createdAt: string; id: string } | undefined;
  for (;;) {
    const page = await transact(test.db, "test", (tx) =>
      listMerchants(tx, tenantId, { limit: 3, ...(after && { after }) }),
    );
    const last = page.at(-1);
    if (!last) break;
    seen.push(...page.map(({ merchantId }) => merchantId));
    after = { createdAt: last.createdAt, id: last.merchantId };
  }
  expect(seen).toHaveLength(8);
  expect(new Set(seen).size).toBe(8);
  expect(seen.slice(0, 7)).toEqual(ids.toSorted().toReversed());
});

it("finds merchants, items and mandates by id, and lists only the tenant's own", async () => {
  const shop = await makeShop(test.db);
  const other = await makeShop(test.db);
  const item = await makeItem(test.db, shop);
  const mandate = await makeMandate(test.db, shop);
  const { tenantId, merchantId } = shop;
  await transact(test.db, "test", async (tx) => {
    expect(await findMerchant(tx, merchantId)).toMatchObject({ tenantId, name: "a test" });
    expect(await findItem(tx, item.itemId)).toMatchObject({
      tenantId,
      open: true,
      priceMinor: 100n,
    });
    expect(await findMandate(tx, mandate.mandateId)).toMatchObject({ tenantId, state: "active" });
    expect(await findItem(tx, randomUUID())).toBeUndefined();
    const items = await listItems(tx, tenantId, { limit: 10 });
    const mandates = await listMandates(tx, tenantId, { limit: 10 });
    expect(items.map(({ itemId }) => itemId)).toEqual([item.itemId, shop.item.itemId]);
    expect(mandates.map(({ mandateId }) => mandateId)).toEqual([
      mandate.mandateId,
      shop.mandate.mandateId,
    ]);
    expect(await listItems(tx, other.tenantId, { limit: 10 })).toHaveLength(1);
  });
});

it("says where the units are and what the mandate has left, through hold, sale and refund", async () => {
  const shop = await makeShop(test.db, { mandate: { dayLimitMinor: 2_000n } });
  const kernel = startKernel(test.db);
  await granted(kernel.ask(holdAsk(shop, { quantity: 3n })));
  const sale = await granted(kernel.ask(commitAsk(shop, { quantity: 5n })));
  await granted(
    kernel.ask({ kind: "refund", amountMinor: 100n, returnQuantity: 1n, ...about(shop, sale) }),
  );
  await transact(test.db, "test", async (tx) => {
    const item = await findItem(tx, shop.item.itemId);
    const stock = await stockOf(tx, item?.poolId ?? "");
    expect(stock).toEqual({ stocked: 100n, free: 93n, held: 3n, sold: 4n });
    const left = await leftOf(tx, shop.mandate.mandateId);
    expect(left.remainingMinor).toBe(999_300n);
    expect(left.rooms.day?.leftMinor).toBe(1_300n);
    expect(left.rooms.day?.resetsAt.getTime()).toBeGreaterThan(Date.now());
  });
});
