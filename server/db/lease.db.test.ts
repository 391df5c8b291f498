import { afterAll, beforeAll, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { extendLease, giveLeaseBack, takeLease, withLease } from "./lease.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

it("of many who want a lease at the same moment one gets it", async () => {
  const { db } = database;
  const wanting = Array.from({ length: 20 }, () => takeLease(db, "wanted", 60_000));
  const got = (await Promise.all(wanting)).filter((lease) => lease !== undefined);
  expect(got).toHaveLength(1);
  expect(await takeLease(db, "wanted", 60_000)).toBeUndefined();
});

it("a lease that is over, or given back, goes to the next, with a higher version", async () => {
  const { db } = database;
  const first = await takeLease(db, "passed-on", 1);
  await expect.poll(() => takeLease(db, "passed-on", 60_000)).toMatchObject({ version: 2n });
  expect(first && (await extendLease(db, first, 60_000))).toBe(false);
  if (first) await giveLeaseBack(db, first);
  expect(await takeLease(db, "passed-on", 60_000)).toBeUndefined();
});

it("work that lasts longer than its lease keeps it, and nobody takes it while it rests", async () => {
  const { db } = database;
  const begun = performance.now();
  const work = async (): Promise<string> => {
    await expect.poll(() => performance.now() - begun > 1_000, { timeout: 3_000 }).toBe(true);
    return (await takeLease(db, "long", 1_000)) === undefined ? "kept" : "lost";
  };
  expect(await withLease(db, "long", 300, work, { restMs: 60_000 })).toBe("kept");
  expect(await withLease(db, "long", 300, work)).toBeUndefined();
});

it("work whose lease somebody else took is told so", async () => {
  const { db } = database;
  const told = await withLease(db, "taken", 300, async (signal) => {
    await db.pool.query("update leases set version = version + 1 where name = 'taken'");
    await expect.poll(() => signal.aborted, { timeout: 3_000 }).toBe(true);
    return true;
  });
  expect(told).toBe(true);
});
