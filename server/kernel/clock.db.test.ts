import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import {
  about,
  commitAsk,
  granted,
  holdAsk,
  makeShop,
  startKernel,
  told,
} from "../testing/factories.ts";
import { query, turnBack } from "../testing/look.ts";
import { expireHolds } from "./expire-holds.ts";

/** The clock of this process may be wrong, and may jump: what is decided goes by the database's. */
let test: TestDatabase;
beforeAll(async () => {
  test = await freshDatabase();
});
afterAll(() => test.close());
afterEach(() => vi.useRealTimers());

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Only what the time is; timers go on as they do when a clock is set. */
function jump(ms: number): void {
  const now = Date.now() + ms;
  vi.useFakeTimers({ toFake: ["Date"], now });
}

const wrong = [
  ["ten minutes ahead", 600_000],
  ["ten minutes behind", -600_000],
  ["an hour ahead", hourMs],
  ["40 days ahead", 40 * dayMs],
  ["40 days behind", -40 * dayMs],
] as const;

it.each(wrong)("%s, a hold ends when the database says so", async (_, ms) => {
  const { db } = test;
  const shop = await makeShop(db, { item: { stock: 2n, buckets: 1 } });
  const kernel = startKernel(db);
  const early = await granted(kernel.ask(holdAsk(shop)));
  jump(ms);
  const held = await kernel.ask(holdAsk(shop));
  const [{ seconds } = { seconds: 0 }] = await query<{ seconds: number }>(
    db,
    `select extract(epoch from expires_at - now())::float8 as seconds from purchases
      where purchase_id = $1`,
    [held.kind === "granted" ? held.id : ""],
  );
  expect(seconds).toBeGreaterThan(400);
  expect(seconds).toBeLessThanOrEqual(600);
  // Neither is over, so neither gives way.
  expect(told(await kernel.ask(commitAsk(shop)))).toMatchObject({ reason: "SOLD_OUT" });
  expect((await expireHolds(db)).released).toBe(0);
  expect((await kernel.ask({ kind: "capture", ...about(shop, early) })).kind).toBe("granted");
  // And one that is over is over.
  const late = held.kind === "granted" ? held.id : "";
  await turnBack(db, [late], "1 hour");
  const captured = await kernel.ask({ kind: "capture", ...about(shop, late) });
  expect(told(captured)).toMatchObject({ failureCode: "HOLD_EXPIRED" });
  expect((await expireHolds(db)).released).toBe(1);
  await expectProven(db);
});

it.each(wrong)("%s, a mandate's month and its window are the database's", async (_, ms) => {
  const { db } = test;
  const mandate = { monthLimitMinor: 250n, duplicateWindowSeconds: 60, buckets: 1 };
  const shop = await makeShop(db, { mandate });
  const kernel = startKernel(db);
  await granted(kernel.ask(commitAsk(shop)));
  jump(ms);
  const again = await kernel.ask(commitAsk(shop));
  expect(told(again)).toMatchObject({ reason: "DUPLICATE_SUSPECTED" });
  await granted(kernel.ask(commitAsk(shop, { again: true })));
  const third = await kernel.ask(commitAsk(shop, { again: true }));
  expect(told(third)).toMatchObject({ reason: "PERIOD", period: "month" });
  await expectProven(db);
});

it.each(wrong)("%s, an ask is answered by its deadline and under its key once", async (_, ms) => {
  const { db } = test;
  const shop = await makeShop(db);
  const kernel = startKernel(db);
  const ask = commitAsk(shop);
  const under = kernel.ask(ask);
  jump(ms);
  const id = await granted(under);
  expect(await kernel.ask(ask)).toMatchObject({ kind: "granted", id, replayed: true });
  await expectProven(db);
});
