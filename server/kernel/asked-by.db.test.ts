import { afterAll, beforeAll, expect, it } from "vitest";
import { about, commitAsk, granted, makeShop, startKernel } from "../testing/factories.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { query } from "../testing/look.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

it("who moved money is on record with it, and whoever sends the same again gets the same answer", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const kernel = startKernel(db);
  const bought = await granted(kernel.ask({ ...commitAsk(shop, { key: "k" }), by: "key:abc" }));
  const again = await kernel.ask({ ...commitAsk(shop, { key: "k" }), by: "person:bo" });
  expect(again).toMatchObject({ kind: "granted", replayed: true });
  const refund = { kind: "refund", ...about(shop, bought), amountMinor: 50n } as const;
  await granted(kernel.ask({ ...refund, by: "person:ann" }));
  await granted(kernel.ask(commitAsk(shop)));
  const rows = await query<{ kind: string; by: string | null }>(
    db,
    "select kind, asked_by as by from asks order by asked_by",
  );
  expect(rows).toEqual([
    { kind: "commit", by: "key:abc" },
    { kind: "refund", by: "person:ann" },
    { kind: "commit", by: null },
  ]);
});
