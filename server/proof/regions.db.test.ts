import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { makeMetrics } from "../base/metrics.ts";
import { sumOf } from "../base/metrics.ts";
import { openDb, type Db } from "../db/open.ts";

import { freshDatabase, testPlace, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { commitAsk, makeShop, startKernel, told } from "../testing/factories.ts";
import { look } from "../testing/look.ts";
import { unreliable, type Policy, type Unreliable } from "./unreliable.ts";
import { runSwarm } from "./swarm.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

interface Peers {
  readonly db: Db;
  readonly home: Unreliable;
  readonly away: Unreliable;
  readonly turns: readonly string[];
}

/** Two endpoints in front of one database, as a peered cluster has them. */
async function peers(policy: Policy = () => "pass"): Promise<Peers> {
  const [home, away] = [await unreliable(database.url, policy), await unreliable(database.url)];
  const place = testPlace(home.url, away.url);
  const turns: string[] = [];
  const onTurn = (endpoint: string, turn: string): void =>
    void turns.push(`${endpoint === place.endpoints[0]?.name ? "home" : "away"} ${turn}`);
  const db = openDb({ place, connectTimeoutMs: 1_000, onTurn }, makeMetrics());
  onTestFinished(async () => {
    await db.close();
    await home.close();
    await away.close();
  });
  return { db, home, away, turns };
}

it("a swarm sells exactly 100 of 100 while its home endpoint is cut and comes back", async () => {
  const { db, home, away } = await peers();
  const options = { agents: 6_000, units: 100, mandates: 60, seed: 2_026, duplicates: 0.02 };
  const kernel = { lanes: 3, batchMax: 20 };
  let turn: "before" | "cut" | "back" = "before";
  let homeAtReturn = 0;
  const report = await runSwarm(db, { ...options, concurrency: 60, kernel }, ({ answered }) => {
    if (turn === "before" && answered > 0) {
      turn = "cut";
      home.refuse(true);
    }
    if (turn === "cut" && away.counts.commits > 60) {
      turn = "back";
      home.refuse(false);
      homeAtReturn = home.counts.commits;
    }
  });
  expect(report.complaints).toEqual([]);
  expect(report).toMatchObject({ ok: true, sold: 100, declined: 5_900 });
  expect(turn).toBe("back");
  await vi.waitFor(() => expect(home.counts.commits).toBeGreaterThan(homeAtReturn));
  expect(report.regions.every(({ batches }) => batches > 0)).toBe(true);
  expect(report.longestSilenceMs).toBeLessThan(5_000);
}, 60_000);

it("an ask in doubt when its endpoint died is resolved at the other, and sold once", async () => {
  const { db, home, away } = await peers((nth) => (nth === 0 ? "cutAfter" : "cutBefore"));
  const shop = await makeShop(database.db);
  const kernel = startKernel(db);
  const ask = commitAsk(shop);
  const answer = await kernel.ask(ask);
  expect(answer).toMatchObject({ kind: "granted", replayed: false });
  expect(told(await kernel.ask(ask))).toEqual({ ...told(answer), replayed: true });
  expect(home.counts).toMatchObject({ cutsAfter: 1, cutsBefore: 2 });
  expect(away.counts.commits).toBe(2);
  expect(await sumOf(db.metrics.doubts)).toBe(3);
  expect(await look(database.db, shop)).toMatchObject({ purchases: 1, answers: 1, legs: 2 });
  await expectProven(database.db);
});

it("an endpoint that swallows everything is left alone, and taken again when it answers", async () => {
  const { db, home, away, turns } = await peers();
  const shop = await makeShop(database.db);
  const kernel = startKernel(db, { attemptTimeoutMs: 300, askDeadlineMs: 20_000 });
  expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
  home.blackHole(true);
  expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
  const awayBefore = away.counts.commits;
  expect(awayBefore).toBeGreaterThan(0);
  const startedAt = performance.now();
  for (let nth = 0; nth < 20; nth++) {
    expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
  }
  // Nobody tries the dead one for them any more.
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect(away.counts.commits).toBe(awayBefore + 20);
  home.blackHole(false);
  const homeBefore = home.counts.commits;
  await vi.waitFor(
    async () => {
      expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
      expect(home.counts.commits).toBeGreaterThan(homeBefore);
    },
    { timeout: 10_000, interval: 50 },
  );
  expect(turns).toEqual(["home left alone", "home back"]);
  await expectProven(database.db);
});

it("when no endpoint answers the ask waits, and is granted by the first that does", async () => {
  const { db, home, away } = await peers();
  const shop = await makeShop(database.db);
  const kernel = startKernel(db);
  home.refuse(true);
  away.refuse(true);
  const asked = kernel.ask(commitAsk(shop));
  await vi.waitFor(async () => {
    const { values } = await db.metrics.regionUp.get();
    expect(values.map(({ value }) => value)).toEqual([0, 0]);
  }, 5_000);
  away.refuse(false);
  expect(await asked).toMatchObject({ kind: "granted", replayed: false });
  expect(await look(database.db, shop)).toMatchObject({ purchases: 1 });
});
