import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { readConfig } from "../../server/base/config.ts";
import { makeLog } from "../../server/base/log.ts";
import { expireHolds } from "../../server/kernel/expire-holds.ts";
import { invariants } from "../../server/proof/invariants.ts";
import { tellsNobody } from "../../server/live/announce.ts";
import { readNoted } from "../../server/proof/noted.ts";
import { freshDatabase, type TestDatabase } from "../../server/testing/database.ts";
import { expectProven } from "../../server/testing/expect-proven.ts";
import {
  about,
  commitAsk,
  granted,
  holdAsk,
  makeItem,
  makeShop,
  startKernel,
} from "../../server/testing/factories.ts";
import { look, query, turnBack } from "../../server/testing/look.ts";
import { readUsage } from "../../server/usage/store.ts";
import type { Round, RoundContext } from "../round.ts";
import { proveInTurn } from "./prove.ts";
import { releaseHolds } from "./release-holds.ts";
import { rollUpUsage } from "./roll-up-usage.ts";

let database: TestDatabase;
let ctx: RoundContext;
beforeAll(async () => {
  database = await freshDatabase();
  const { db } = database;
  const log = makeLog("test", { logLevel: "silent" });
  ctx = { config: readConfig({}), log, metrics: db.metrics, db, tells: tellsNobody };
});
afterAll(() => database.close());
beforeEach(() => query(database.db, "delete from leases"));

const run = (round: Round): Promise<number> => round.run(ctx, new AbortController().signal);

it("expired holds go back once, with their legs and events, however many rounds look at once", async () => {
  const { db } = database;
  const shop = await makeShop(db, { item: { stock: 400n } });
  const kernel = startKernel(db);
  const ids = await Promise.all(
    Array.from({ length: 230 }, () => granted(kernel.ask(holdAsk(shop)))),
  );
  const expired = ids.slice(0, 210);
  await turnBack(db, expired, "1 hour");
  const done = await Promise.all([run(releaseHolds), run(releaseHolds), run(releaseHolds)]);
  expect(done.reduce((sum, count) => sum + count)).toBe(210);
  const { available, remaining } = await look(db, shop);
  expect([available, remaining]).toEqual([380n, 998_000n]);
  const events = await query<{ kind: string; count: number }>(
    db,
    `select kind, count(*)::integer as count from outbox where tenant_id = $1 group by kind order by kind`,
    [shop.tenantId],
  );
  expect(events).toEqual([
    { kind: "purchase.expired", count: 210 },
    { kind: "purchase.held", count: 230 },
  ]);
  expect(await run(releaseHolds)).toBe(0);
  await expectProven(db);
});

it("a hold is never both captured and given back by a round", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const kernel = startKernel(db);
  const ids = await Promise.all(
    Array.from({ length: 40 }, () => granted(kernel.ask(holdAsk(shop)))),
  );
  // They end in the midst of the race.
  await query(
    db,
    `update purchases set expires_at = now() + random() * interval '300 milliseconds'
      where purchase_id = any($1)`,
    [ids],
  );
  const sweep = async (): Promise<void> => {
    for (const endsAt = performance.now() + 600; performance.now() < endsAt;) await expireHolds(db);
  };
  const capture = async (purchaseId: string) =>
    kernel.ask({ kind: "capture", ...about(shop, purchaseId) });
  const [, , ...answers] = await Promise.all([sweep(), sweep(), ...ids.map(capture)]);
  const captured = answers.filter((answer) => answer?.kind === "granted").length;
  const states = await query<{ state: string }>(
    db,
    "select state from purchases where purchase_id = any($1)",
    [ids],
  );
  expect(states.filter(({ state }) => state === "settled")).toHaveLength(captured);
  expect(states.filter(({ state }) => state === "expired")).toHaveLength(40 - captured);
  await expectProven(db);
});

it("a hold whose item waits for a command is left for the next round, and the others are not", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const other = { ...shop, item: await makeItem(db, shop) };
  const kernel = startKernel(db);
  const waiting = await granted(kernel.ask(holdAsk(shop)));
  const free = await granted(kernel.ask(holdAsk(other)));
  await turnBack(db, [waiting, free], "1 hour");
  const gate = `update pools set gate = 'reshard', gate_until = now() + interval '5 seconds' where item_id = $1`;
  await query(db, gate, [shop.item.itemId]);
  expect(await run(releaseHolds)).toBe(1);
  await query(db, "update pools set gate = null, gate_until = null");
  expect(await run(releaseHolds)).toBe(1);
  await expectProven(db);
});

const resting = { timeout: 120_000 };

it(
  "the proof's round comes to every invariant, says what is broken, and rests twenty times as long",
  resting,
  async () => {
    const { db } = database;
    const { invariantBreaches, invariantCheckedAt } = db.metrics;
    const round = proveInTurn();
    const startedAt = performance.now();
    let lookedMs = 0;
    for (const _ of invariants) await run(round);
    const { values: times } = await db.metrics.transactSeconds.get();
    for (const { labels, value, metricName } of times) {
      if (labels.name === "prove_one" && metricName?.endsWith("_sum")) lookedMs += value * 1000;
    }
    expect(lookedMs).toBeGreaterThan(0);
    expect(lookedMs / (performance.now() - startedAt)).toBeLessThan(0.05);
    const { values } = await invariantBreaches.get();
    expect(new Set(values.map(({ labels }) => labels.check))).toEqual(
      new Set(invariants.map(({ name }) => name)),
    );
    expect(values.every(({ value }) => value === 0)).toBe(true);
    const { values: checked } = await invariantCheckedAt.get();
    for (const { value } of checked) expect(Math.abs(value - Date.now() / 1000)).toBeLessThan(60);

    const shop = await makeShop(db);
    await query(db, "update stock_buckets set available = available + 1 where item_id = $1", [
      shop.item.itemId,
    ]);
    for (const _ of invariants) await run(round);
    const broken = (await invariantBreaches.get()).values.filter(({ value }) => value > 0);
    expect(broken).toMatchObject([{ labels: { check: "oversells" }, value: 1 }]);
    const noted = await readNoted(db);
    expect(new Set(noted.keys())).toEqual(new Set(invariants.map(({ name }) => name)));
    expect(noted.get("oversells")?.breaches).toBe(1n);
    await query(db, "update stock_buckets set available = available - 1 where item_id = $1", [
      shop.item.itemId,
    ]);
  },
);

it("usage is counted on for whoever asked, once, also by two rounds at once", async () => {
  const { db } = database;
  const kernel = startKernel(db);
  const shops = [await makeShop(db), await makeShop(db), await makeShop(db)];
  for (const shop of shops.slice(0, 2)) await granted(kernel.ask(commitAsk(shop)));
  await query(db, "update asks set created_at = created_at - interval '3 days'");
  await Promise.all([run(rollUpUsage), run(rollUpUsage)]);
  const marks = await query<{ tenant: string }>(db, "select tenant_id as tenant from usage_marks");
  const marked = marks.map(({ tenant }) => tenant);
  expect(marked).toEqual(expect.arrayContaining(shops.slice(0, 2).map(({ tenantId }) => tenantId)));
  expect(marked).not.toContain(shops[2]?.tenantId);
  for (const { tenantId } of shops.slice(0, 2)) {
    const counted = "select sum(asks)::integer as asks from usage_days where tenant_id = $1";
    expect(await query(db, counted, [tenantId])).toEqual([{ asks: 1 }]);
  }
});

it("the replays of days that are over become one row and stay the same number", async () => {
  const { db } = database;
  const { tenantId } = await makeShop(db);
  const write = `insert into usage_replays (tenant_id, day, process_id, replays)
                 select $1, (now() at time zone 'UTC')::date - $2::integer, gen_random_uuid(), 3
                   from generate_series(1, 5)`;
  for (const daysAgo of [0, 1, 2, 9]) await query(db, write, [tenantId, daysAgo]);
  const replays = async (): Promise<unknown[]> => {
    const [span] = await query<{ from: string; to: string }>(
      db,
      `select (d - 10)::text as from, d::text as to from (select (now() at time zone 'UTC')::date as d) t`,
    );
    const usage = await readUsage(db, tenantId, span ?? { from: "", to: "" });
    return usage.days.flatMap((day) => (day.replays > 0n ? [Number(day.replays)] : []));
  };
  expect(await replays()).toEqual([15, 15, 15, 15]);
  await Promise.all([run(rollUpUsage), run(rollUpUsage)]);
  expect(await replays()).toEqual([15, 15, 15, 15]);
  const left =
    "select day, count(*)::integer as rows from usage_replays where tenant_id = $1 group by day order by day";
  const rows = await query<{ rows: number }>(db, left, [tenantId]);
  expect(rows.map((row) => row.rows)).toEqual([1, 1, 5, 5]);
  // A process that wrote late is folded in, too.
  await query(db, write, [tenantId, 9]);
  await run(rollUpUsage);
  expect(await replays()).toEqual([30, 15, 15, 15]);
});
