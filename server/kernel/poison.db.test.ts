import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { sumOf } from "../base/metrics.ts";

import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { commitAsk, makeShop, startKernel, tally, told } from "../testing/factories.ts";
import { look, query } from "../testing/look.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await query(
    database.db,
    `create function poisoned() returns trigger language plpgsql as $$
     begin
       raise exception 'poison' using errcode = split_part(new.key, '-', 2);
     end $$`,
  );
  await query(
    database.db,
    `create trigger poisoned before insert on asks for each row
       when (new.key like 'poison%') execute function poisoned()`,
  );
});
afterAll(() => database.close());

describe.each(["22000", "22003", "23514", "23502", "54000"])(
  "an ask that fails with %s",
  (code) => {
    it("fails alone: its neighbours in the same batch are all granted", async () => {
      const { db } = database;
      const shop = await makeShop(db);
      const kernel = startKernel(db, { lanes: 1 });
      const splits = await sumOf(db.metrics.batchSplits);
      // The first ask takes the lane; all others gather behind it into one batch.
      const first = kernel.ask(commitAsk(shop));
      const keys = Array.from({ length: 31 }, (_, index) => `${code}-${index}-${shop.tenantId}`);
      keys[17] = `poison-${code}-${shop.tenantId}`;
      const asked = await Promise.allSettled(
        keys.map((key) => kernel.ask(commitAsk(shop, { key }))),
      );
      expect((await first).kind).toBe("granted");
      const failed = asked.flatMap((one, index) =>
        one.status === "rejected" ? [keys[index]] : [],
      );
      expect(failed).toEqual([keys[17]]);
      const answers = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      expect(tally(answers)).toEqual({ granted: 30 });
      expect(await sumOf(db.metrics.batchSplits)).toBeGreaterThan(splits);
      expect(await look(db, shop)).toMatchObject({ purchases: 31, answers: 31, available: 69n });
      await expectProven(db);
    });
  },
);

it("many poisoned asks among many are all found, and nothing else fails", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const kernel = startKernel(db, { lanes: 2 });
  const keys = Array.from({ length: 90 }, (_, index) =>
    index % 9 === 0 ? `poison-22000-${index}` : `fine-${index}`,
  );
  const asked = await Promise.allSettled(keys.map((key) => kernel.ask(commitAsk(shop, { key }))));
  const failed = asked.flatMap((one, index) => (one.status === "rejected" ? [keys[index]] : []));
  expect(failed).toEqual(keys.filter((key) => key.startsWith("poison")));
  expect(await look(db, shop)).toMatchObject({ purchases: 80, answers: 80 });
  await expectProven(db);
});

it("a plan with more rows than a transaction may change is cut, and all of it is granted", async () => {
  const { db } = database;
  const shop = await makeShop(db, { item: { stock: 20n, buckets: 64 }, mandate: { buckets: 64 } });
  const kernel = startKernel(db, { lanes: 1, rowsMax: 60 });
  const answers = await Promise.all(Array.from({ length: 20 }, () => kernel.ask(commitAsk(shop))));
  expect(tally(answers)).toEqual({ granted: 20 });
  await expectProven(db);
});

it("a storm of conflicts at COMMIT is outlived: the whole batch runs again", async () => {
  const { db } = database;
  const shop = await makeShop(db, { item: { stock: 150n } });
  await query(
    db,
    `create function conflicted() returns trigger language plpgsql as $$
     begin
       if random() < 0.3 then
         raise exception 'change conflicts with another transaction (OC000)' using errcode = '40001';
       end if;
       return null;
     end $$`,
  );
  await query(
    db,
    `create constraint trigger conflicted after insert on asks deferrable initially deferred
       for each row execute function conflicted()`,
  );
  const lostBefore = await sumOf(db.metrics.lostRaces);
  const kernel = startKernel(db, { batchMax: 2 });
  const answers = await Promise.all(Array.from({ length: 200 }, () => kernel.ask(commitAsk(shop))));
  await query(db, "drop trigger conflicted on asks");
  expect(tally(answers)).toEqual({ granted: 150, SOLD_OUT: 50 });
  expect(answers.some((answer) => told(answer).attempts > 1)).toBe(true);
  await vi.waitFor(async () => {
    expect(await sumOf(db.metrics.lostRaces)).toBeGreaterThan(lostBefore);
  });
  expect(await look(db, shop)).toMatchObject({ purchases: 150, answers: 200, available: 0n });
  await expectProven(db);
});
