import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { runSwarm, type SwarmOptions } from "./swarm.ts";

const options: SwarmOptions = {
  agents: 3_000,
  units: 100,
  mandates: 50,
  concurrency: 500,
  seed: 11,
  duplicates: 0.05,
};
const zeros = { oversells: 0, duplicateSettlements: 0, ledgerDrift: 0, mandateBreaches: 0 };

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.close());

describe("a swarm", () => {
  it("of 3,000 agents buys 100 units exactly, and every one has an answer", async () => {
    const phases = new Set<string>();
    const report = await runSwarm(database.db, options, ({ phase }) => phases.add(phase));
    expect(report).toMatchObject({
      ok: true,
      complaints: [],
      sold: 100,
      declined: 2_900,
      declinedBy: { SOLD_OUT: 2_900 },
      replaysMismatched: 0,
      conflicts: 0,
      rejected: 0,
      invariants: zeros,
    });
    expect(report.replays).toBeGreaterThan(100);
    expect([...phases]).toEqual(["opening", "selling", "proving"]);
  });

  it("sends as many asks twice for the same seed", async () => {
    const first = await runSwarm(database.db, options);
    const second = await runSwarm(database.db, options);
    expect(second.replays).toBe(first.replays);
    expect(second.tenantId).not.toBe(first.tenantId);
  });

  it.each([0, 40])("of fewer agents than units buys one each; %i units sell out", async (units) => {
    const few = await runSwarm(database.db, { ...options, agents: 30, units });
    expect(few).toMatchObject({ ok: true, sold: Math.min(units, 30) });
  });

  it("has every answer also when its connections are cut while it sells", async () => {
    const cuts: Promise<unknown>[] = [];
    const report = await runSwarm(database.db, { ...options, units: 2_000 }, ({ phase }) => {
      if (phase === "selling" && cuts.length < 3) cuts.push(cutConnections());
    });
    await Promise.all(cuts);
    expect(cuts.length).toBeGreaterThan(0);
    expect(report).toMatchObject({ ok: true, sold: 2_000, invariants: zeros });
  });

  it("says so when units never leave the shelf", async () => {
    await database.db.pool.query(`
      create function put_back() returns trigger language plpgsql as
        $$ begin new.available := old.available; return new; end $$`);
    await database.db.pool.query(`
      create trigger put_back before update on stock_buckets
        for each row execute function put_back()`);
    const report = await runSwarm(database.db, options);
    expect(report.ok).toBe(false);
    expect(report.sold).toBeGreaterThan(100);
    expect(report.invariants.oversells).toBeGreaterThan(0);
    expect(report.complaints.join("\n")).toMatch(/were told "sold", not 100[^]*oversells/);
  });
});

function cutConnections(): Promise<unknown> {
  return database.db.pool.query(`
    select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'zerorace-kernel'`);
}
