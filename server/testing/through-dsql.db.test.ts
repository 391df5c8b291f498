import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { sumOf } from "../base/metrics.ts";
import { runSwarm } from "../proof/swarm.ts";

import { freshDatabase, type TestDatabase } from "./database.ts";
import { expectProven } from "./expect-proven.ts";
import { commitAsk, makeShop, startKernel, tally } from "./factories.ts";
import { query } from "./look.ts";

describe.runIf(inject("testEngine") === "dsql")("a run through dsql-local", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.close());

  it("loses commits, leaves some in doubt, and answers every ask as if nothing were", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const kernel = startKernel(db, { lanes: 2, batchMax: 2, askDeadlineMs: 50_000 });
    const asks = Array.from({ length: 150 }, () => kernel.ask(commitAsk(shop)));
    expect(tally(await Promise.all(asks))).toEqual({ granted: 100, SOLD_OUT: 50 });
    expect(await sumOf(db.metrics.lostRaces)).toBeGreaterThan(0);
    expect(await sumOf(db.metrics.doubts)).toBeGreaterThan(0);
    await expectProven(db);
  });

  it("sells 100 units to a swarm of 3,000 exactly, with four zeros", async () => {
    const { db } = database;
    const options = { agents: 3_000, units: 100, mandates: 50, seed: 7, duplicates: 0.05 };
    const kernel = { lanes: 3, batchMax: 20, askDeadlineMs: 50_000 };
    const report = await runSwarm(db, { ...options, concurrency: 300, kernel });
    expect(report).toMatchObject({
      ok: true,
      complaints: [],
      sold: 100,
      declined: 2_900,
      invariants: { oversells: 0, duplicateSettlements: 0, ledgerDrift: 0, mandateBreaches: 0 },
    });
    expect(report.lostRaces).toBeGreaterThan(0);
  });

  it("has its tables where DSQL has them, without the triggers of PostgreSQL", async () => {
    const tables = await query<{ schema: string }>(
      database.db,
      "select distinct schemaname as schema from pg_tables where tablename in ('asks', 'ledger_entries')",
    );
    expect(tables).toEqual([{ schema: "zerorace" }]);
    expect(
      await query(database.db, "select tgname from pg_trigger where not tgisinternal"),
    ).toEqual([]);
  });
});
