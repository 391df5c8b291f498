import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { makeMetrics } from "../base/metrics.ts";
import { runSwarm } from "../proof/swarm.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { withFaults, type FaultyPlace } from "./faulty.ts";
import { openDb } from "./open.ts";
import type { Place } from "./place.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

/** The same every time: whether a test fails does not depend on the day. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const options = { agents: 3_000, units: 60, mandates: 30, seed: 11, duplicates: 0.05 };

async function sell(bad: FaultyPlace, onAnswered: (answered: number) => void = () => undefined) {
  const db = openDb({ place: bad.place, connectTimeoutMs: 1_000 }, makeMetrics());
  onTestFinished(() => db.close());
  return runSwarm(
    db,
    {
      ...options,
      concurrency: 60,
      kernel: { lanes: 3, batchMax: 20 },
      onWorld: () => bad.set(true),
    },
    ({ phase, answered }) => {
      if (phase === "proving") bad.set(false);
      else onAnswered(answered);
    },
  );
}

it("a swarm whose connections are cut and whose commits are lost sells what there is, once", async () => {
  const rates = { cutPercent: 3, lostCommitPercent: 20, slowMs: 2 };
  const bad = withFaults(database.db.place, rates, seeded(7));
  const report = await sell(bad);
  expect(report.complaints).toEqual([]);
  expect(report).toMatchObject({ ok: true, sold: 60, declined: 2_940 });
  const { cuts, commitsLostBefore, commitsLostAfter } = bad.counts;
  expect(Math.min(cuts, commitsLostBefore, commitsLostAfter)).toBeGreaterThan(0);
}, 60_000);

it("its home endpoint can be away for a while, for it alone", async () => {
  const [endpoint] = database.db.place.endpoints;
  if (!endpoint) throw new Error("a database has a way to it");
  const twice: Place = {
    ...database.db.place,
    endpoints: [
      { ...endpoint, name: "home" },
      { ...endpoint, name: "away" },
    ],
  };
  const bad = withFaults(twice, { cutPercent: 0, lostCommitPercent: 0, slowMs: 3 });
  const report = await sell(bad, (answered) =>
    bad.setHomeAway(answered >= 300 && answered < 1_500),
  );
  expect(report.complaints).toEqual([]);
  expect(report).toMatchObject({ ok: true, sold: 60 });
  expect(bad.counts.failovers).toBe(1);
  expect(report.regions[1]?.batches).toBeGreaterThan(3);
  // Everybody else's connections are as they were.
  expect((await database.db.pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
}, 60_000);
