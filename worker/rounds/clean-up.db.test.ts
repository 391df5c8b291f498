import { afterAll, beforeAll, expect, it } from "vitest";
import { readConfig } from "../../server/base/config.ts";
import { makeLog } from "../../server/base/log.ts";
import { prepareRoles } from "../../server/db/roles.ts";
import { forgetDeclines } from "../../server/kernel/forget-declines.ts";
import { tellsNobody } from "../../server/live/announce.ts";
import { invariants } from "../../server/proof/invariants.ts";
import { proveOne } from "../../server/proof/prove.ts";
import { openSandbox } from "../../server/sandbox/world.ts";
import { freshDatabase, type TestDatabase } from "../../server/testing/database.ts";
import { expectProven } from "../../server/testing/expect-proven.ts";
import { commitAsk, makeShop, startKernel, type Shop } from "../../server/testing/factories.ts";
import { query } from "../../server/testing/look.ts";
import { rollUpAll } from "../../server/usage/roll-up-all.ts";
import { readUsage } from "../../server/usage/store.ts";
import { purgeWorld } from "../../server/db/purge.ts";
import type { RoundContext } from "../round.ts";
import { forgetOldDeclines, purgeWorlds } from "./clean-up.ts";
import { watchIndexes } from "./watch-indexes.ts";

let database: TestDatabase;
let ctx: RoundContext;
beforeAll(async () => {
  database = await freshDatabase();
  const { db } = database;
  await prepareRoles(db);
  const config = readConfig({ ZERORACE_WORLD_DAYS: "7", ZERORACE_DECLINE_DAYS: "30" });
  const log = makeLog("test", { logLevel: "silent" });
  ctx = { config, log, metrics: db.metrics, db, tells: tellsNobody };
});
afterAll(() => database.close());

const { signal } = new AbortController();
const age = (tenantId: string, days: number) =>
  query(
    database.db,
    "update tenants set created_at = now() - $2 * interval '1 day' where tenant_id = $1",
    [tenantId, days],
  );
const worlds = async (): Promise<string[]> =>
  (await query<{ id: string }>(database.db, "select tenant_id as id from tenants")).map(
    ({ id }) => id,
  );

/** As many buyers as ten for every unit. */
async function crowded(stock: number): Promise<Shop> {
  const shop = await makeShop(database.db, { item: { stock: BigInt(stock) } });
  const kernel = startKernel(database.db);
  await Promise.all(Array.from({ length: 10 * stock }, () => kernel.ask(commitAsk(shop))));
  return shop;
}

it("worlds go when their days are over; the sandbox in use, a run under way and the young stay", async () => {
  const { db } = database;
  const [old, young, running] = [await crowded(4), await crowded(1), await crowded(1)];
  const replaced = await openSandbox(db, 10);
  const inUse = await openSandbox(db, 10);
  for (const { tenantId } of [old, running, replaced, inUse]) await age(tenantId, 8);
  await age(replaced.tenantId, 9);
  const run = (state: string, worldId: string) =>
    query(
      db,
      `insert into runs (run_id, tenant_id, state, agents, units, mandates, concurrency, duplicate_percent,
                         seed, world_id, report)
       values (gen_random_uuid(), $2, $1, 1, 1, 1, 1, 0, 1, $3, '{}')`,
      [state, young.tenantId, worldId],
    );
  await run("finished", old.tenantId);
  await run("running", running.tenantId);
  expect(await purgeWorlds.run(ctx, signal)).toBeGreaterThan(100);
  expect((await worlds()).toSorted()).toEqual(
    [young.tenantId, running.tenantId, inUse.tenantId].toSorted(),
  );
  expect(await query(db, "select state, report from runs where world_id = $1", [old.tenantId])) //
    .toEqual([{ state: "finished", report: "{}" }]);
  expect(await purgeWorlds.run(ctx, signal)).toBe(0);
  expect(
    await purgeWorlds.run({ ...ctx, config: readConfig({ ZERORACE_WORLD_DAYS: "0" }) }, signal),
  ) //
    .toBe(0);
});

it("a world that is half deleted breaks no proof, and the next turn deletes the rest", async () => {
  const { db } = database;
  const { tenantId } = await crowded(5);
  let deleted = 0;
  const onBatch = (rows: number): void => void (deleted += rows);
  const isOver = (): boolean => deleted > 40;
  expect(await purgeWorld(db, tenantId, { rowsMax: 20, isOver, onBatch })).toBe(deleted);
  expect(await worlds()).toContain(tenantId);
  const halves = await query(
    db,
    `select (select count(*)::integer from asks where tenant_id = $1) as asks,
            (select count(*)::integer from purchases where tenant_id = $1) as purchases`,
    [tenantId],
  );
  expect(halves).toEqual([{ asks: 0, purchases: 5 }]);
  for (const one of invariants) expect(await proveOne(db, one)).toMatchObject({ count: 0 });
  await age(tenantId, 8);
  await purgeWorlds.run(ctx, signal);
  expect(await worlds()).not.toContain(tenantId);
  expect(await query(db, "select world_id from world_purges")).toEqual([]);
});

it("declines of long ago are forgotten in batches, once usage has counted them; grants never are", async () => {
  const { db } = database;
  const shop = await crowded(3);
  const { tenantId } = shop;
  const asks = () =>
    query<{ granted: boolean; count: number }>(
      db,
      `select granted, count(*)::integer as count from asks where tenant_id = $1
        group by granted order by granted`,
      [tenantId],
    );
  const back = (days: number) =>
    query(db, "update asks set created_at = now() - $2 * interval '1 day' where tenant_id = $1", [
      tenantId,
      days,
    ]);
  const both = [
    { granted: false, count: 27 },
    { granted: true, count: 3 },
  ];
  await back(31);
  await forgetOldDeclines.run(ctx, signal);
  expect(await asks(), "usage has not counted them").toEqual(both);
  await rollUpAll(db);
  const before = await readUsage(db, tenantId, { from: "2000-01-01", to: "2100-01-01" });
  await back(29);
  expect(await forgetOldDeclines.run(ctx, signal), "they are young").toBe(0);
  await back(31);
  const never = { days: 30, isOver: () => false };
  expect(await forgetDeclines(db, { ...never, asksMax: 4 })).toBe(27);
  expect(await asks()).toEqual([{ granted: true, count: 3 }]);
  expect(await forgetDeclines(db, never)).toBe(0);
  expect(await readUsage(db, tenantId, { from: "2000-01-01", to: "2100-01-01" })).toEqual(before);
  await expectProven(db);
  const none = { ...ctx, config: readConfig({}) };
  expect(none.config.declineDays).toBe(0);
});

it("an index that cannot be used is counted, until it can be", async () => {
  const { db } = database;
  const round = watchIndexes();
  const gauge = async () => (await db.metrics.unusableIndexes.get()).values[0]?.value;
  expect(await round.run(ctx, signal)).toBe(0);
  const set = (valid: boolean) =>
    query(db, "update pg_index set indisvalid = $1 where indexrelid = 'asks_by_tenant'::regclass", [
      valid,
    ]);
  await set(false);
  expect(await round.run(ctx, signal)).toBe(1);
  expect(await gauge()).toBe(1);
  await set(true);
  expect(await round.run(ctx, signal)).toBe(0);
  expect(await gauge()).toBe(0);
});
