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

it("what a round last did is on record, and why it failed", async () => {
  const { db } = ctx;
  const turn = async () =>
    (await db.pool.query("select * from round_turns where name = 'noted'")).rows as unknown[];
  let fault: string | undefined;
  const round: Round = {
    name: "noted",
    everyMs: 1,
    run() {
      if (fault !== undefined) throw new Error(fault);
      return Promise.resolve(7);
    },
  };
  await runOnce(round, ctx);
  const known = { name: "noted", every_ms: 1, did: 7n };
  expect(await turn()).toMatchObject([{ ...known, reason: null }]);
  fault = "the disk is full";
  await expect.poll(() => runOnce(round, ctx).then(turn)).toMatchObject([{ reason: fault }]);
  const [{ done_at: doneAt }] = (await turn()) as [{ done_at: Date }];
  expect(doneAt).toBeInstanceOf(Date);
  fault = undefined;
  await expect.poll(() => runOnce(round, ctx).then(turn)).toMatchObject([{ reason: null }]);
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
