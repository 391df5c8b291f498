import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectProven } from "../testing/expect-proven.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import {
  commitAsk,
  makeItem,
  makeMandate,
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

/** Two kernels on one database are two processes: they share nothing but its rows. */
const processes = { "one process": 1, "two processes": 2 };

describe.each(Object.entries(processes))("%s", (_, count) => {
  const kernels = () => Array.from({ length: count }, () => startKernel(database.db));
  const turns = <T>(all: readonly T[], index: number) => all[index % all.length] as T;

  it("sells 200 units to 500 buyers once each, and tells the other 300 so", async () => {
    const { db } = database;
    const shop = await makeShop(db, { item: { stock: 200n, buckets: 16 } });
    const mandates = [shop.mandate];
    for (let more = 0; more < 19; more++) mandates.push(await makeMandate(db, shop));
    const sellers = kernels();
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_unused, buyer) => {
        const { mandateId } = turns(mandates, buyer);
        return turns(sellers, buyer).ask(commitAsk(shop, { mandateId, agentId: `agent-${buyer}` }));
      }),
    );
    expect(tally(answers)).toEqual({ granted: 200, SOLD_OUT: 300 });
    const seen = await look(db, shop);
    expect(seen).toMatchObject({
      available: 0n,
      purchases: 200,
      answers: 500,
      legs: 400,
      events: 200,
    });
    await expectProven(db);
  });

  it("grants 200 simultaneous asks under one key once, and replays it byte for byte", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const ask = commitAsk(shop);
    const sellers = kernels();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_unused, index) => turns(sellers, index).ask(ask)),
    );
    expect(tally(answers)).toEqual({ granted: 200 });
    const first = answers.filter((answer) => !told(answer).replayed);
    expect(first).toHaveLength(1);
    const fresh = first[0] && "text" in first[0] ? first[0].text : "";
    const texts = answers.map((answer) => ("text" in answer ? answer.text : ""));
    const replay = fresh.replace('"replayed":false}', '"replayed":true}');
    expect(texts.filter((text) => text === replay)).toHaveLength(199);
    expect(await look(db, shop)).toMatchObject({
      available: 99n,
      purchases: 1,
      answers: 1,
      legs: 2,
    });
    await expectProven(db);
  });

  it("replays an answer that was given long ago", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const ask = commitAsk(shop);
    const first = await turns(kernels(), 0).ask(ask);
    const again = await turns(kernels(), 1).ask(ask);
    expect(told(again)).toEqual({ ...told(first), replayed: true });
    expect(again).toMatchObject({ kind: "granted", replayed: true });
    expect(await look(db, shop)).toMatchObject({ purchases: 1, answers: 1, remaining: 999_900n });
    await expectProven(db);
  });

  it("spends a mandate's money to the last cent and not one more, whatever wants it", async () => {
    const { db } = database;
    const shop = await makeShop(db, {
      item: { priceMinor: 37n, stock: 500n },
      mandate: { capMinor: 37n * 60n + 36n, buckets: 20 },
    });
    const sellers = kernels();
    const answers = await Promise.all(
      Array.from({ length: 150 }, (_unused, index) => turns(sellers, index).ask(commitAsk(shop))),
    );
    expect(tally(answers)).toEqual({ granted: 60, CAP: 90 });
    expect(await look(db, shop)).toMatchObject({ remaining: 36n, available: 440n });
    await expectProven(db);
  });
});

describe("a claim", () => {
  it("of three units is filled from three buckets with one each", async () => {
    const { db } = database;
    const shop = await makeShop(db, { item: { stock: 3n, buckets: 3 } });
    const answer = await startKernel(db).ask(commitAsk(shop, { quantity: 3n }));
    expect(answer.kind).toBe("granted");
    expect(await look(db, shop)).toMatchObject({ available: 0n });
    await expectProven(db);
  });

  it("is refused only when the sum of all buckets cannot fill it", async () => {
    const { db } = database;
    const shop = await makeShop(db, { item: { stock: 67n, buckets: 64 } });
    const kernel = startKernel(db);
    const tooMany = told(await kernel.ask(commitAsk(shop, { quantity: 68n })));
    expect(tooMany).toMatchObject({
      failureCode: "OUT_OF_STOCK",
      reason: "SOLD_OUT",
      limit: 67,
      asked: 68,
    });
    expect((await kernel.ask(commitAsk(shop, { quantity: 67n }))).kind).toBe("granted");
    expect(told(await kernel.ask(commitAsk(shop)))).toMatchObject({ reason: "SOLD_OUT", limit: 0 });
    await expectProven(db);
  });

  it("of two lines of one item counts them together", async () => {
    const { db } = database;
    const shop = await makeShop(db, { item: { stock: 3n, buckets: 2 } });
    const line = { itemId: shop.item.itemId, quantity: 2n };
    const ask = commitAsk(shop, { lines: [line, line], amountMinor: 400n });
    expect(told(await startKernel(db).ask(ask))).toMatchObject({
      reason: "SOLD_OUT",
      limit: 3,
      asked: 4,
    });
    await expectProven(db);
  });

  it("takes the last cent of 20 buckets with an odd amount in them", async () => {
    const { db } = database;
    const shop = await makeShop(db, {
      item: { priceMinor: 10_007n },
      mandate: { capMinor: 10_007n, buckets: 20 },
    });
    const kernel = startKernel(db);
    expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
    const more = told(await kernel.ask(commitAsk(shop)));
    expect(more).toMatchObject({ reason: "CAP", limit: 10_007, used: 10_007, asked: 10_007 });
    expect(await look(db, shop)).toMatchObject({ remaining: 0n });
    await expectProven(db);
  });

  it("at price zero still writes a bucket of the item and one of the mandate", async () => {
    const { db } = database;
    const shop = await makeShop(db, { item: { priceMinor: 0n }, mandate: { capMinor: 0n } });
    expect((await startKernel(db).ask(commitAsk(shop))).kind).toBe("granted");
    const written = await query(
      db,
      `select 'stock' as bucket from stock_buckets where item_id = $1 and version > 0
        union all select 'money' from mandate_buckets where mandate_id = $2 and version > 0`,
      [shop.item.itemId, shop.mandate.mandateId],
    );
    expect(written).toEqual([{ bucket: "stock" }, { bucket: "money" }]);
    await expectProven(db);
  });

  it("with charges costs the lines at their prices plus the charges", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const charges = [
      { name: "shipping", amountMinor: 50n },
      { name: 'a discount, with\u2028odd "letters"', amountMinor: -20n },
    ];
    const ask = commitAsk(shop, { quantity: 2n, charges, amountMinor: 230n });
    const kernel = startKernel(db);
    expect((await kernel.ask(ask)).kind).toBe("granted");
    expect(await kernel.ask(ask)).toMatchObject({ kind: "granted", replayed: true });
    expect(await look(db, shop)).toMatchObject({ remaining: 999_770n, available: 98n, legs: 2 });
    await expectProven(db);
  });

  it("by many carts with the same items in any order never ends in a deadlock", async () => {
    const { db } = database;
    const shop = await makeShop(db, { item: { buckets: 1, stock: 1_000n } });
    const others = [];
    for (let more = 0; more < 3; more++) {
      others.push(await makeItem(db, shop, { buckets: 1, stock: 1_000n }));
    }
    const items = [shop.item, ...others];
    const kernels = [startKernel(db), startKernel(db)] as const;
    const answers = await Promise.all(
      Array.from({ length: 120 }, (_unused, index) => {
        const from = index % items.length;
        const turned = [...items.slice(from), ...items.slice(0, from)];
        const cart = index % 2 === 0 ? turned : turned.toReversed();
        const lines = cart.map(({ itemId }) => ({ itemId, quantity: 1n }));
        const kernel = kernels[index % 2 === 0 ? 0 : 1];
        return kernel.ask(commitAsk(shop, { lines, amountMinor: 400n }));
      }),
    );
    expect(tally(answers)).toEqual({ granted: 120 });
    expect(await look(db, shop)).toMatchObject({ available: 880n, purchases: 120 });
    await expectProven(db);
  });
});
