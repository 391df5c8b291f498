import { afterAll, beforeAll, expect, it } from "vitest";
import { readConfig } from "../server/base/config.ts";
import { makeLog } from "../server/base/log.ts";
import { tellsNobody } from "../server/live/announce.ts";
import { freshDatabase, type TestDatabase } from "../server/testing/database.ts";
import type { Round, RoundContext } from "./round.ts";
import { keepRounds, runOnce } from "./rounds.ts";

let database: TestDatabase;
let ctx: RoundContext;
beforeAll(async () => {
  database = await freshDatabase();
  const { db } = database;
  const log = makeLog("test", { logLevel: "silent" });
  ctx = { config: readConfig({}), log, metrics: db.metrics, db, tells: tellsNobody };
});
afterAll(() => database.close());

it("a round is taken once in its interval, however many workers come", async () => {
  let turns = 0;
  const round: Round = { name: "one", everyMs: 60_000, run: async () => ++turns };
  const did = await Promise.all(Array.from({ length: 8 }, () => runOnce(round, ctx)));
  expect(turns).toBe(1);
  expect(did.filter((count) => count !== undefined)).toEqual([1]);
});

it("a round that fails is taken again, and its neighbours go on", async () => {
  const ending = new AbortController();
  const turns = { broken: 0, sound: 0 };
  const list: Round[] = [
    {
      name: "broken",
      everyMs: 20,
      run() {
        turns.broken += 1;
        throw new Error("not today");
      },
    },
    { name: "sound", everyMs: 20, run: async () => ++turns.sound },
  ];
  const kept = keepRounds(list, ctx, ending.signal);
  await expect
    .poll(() => Math.min(turns.broken, turns.sound), { timeout: 5_000 })
    .toBeGreaterThan(2);
  ending.abort();
  await kept;
});
