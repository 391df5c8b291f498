import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { Worlds } from "../../commands/verify-world.ts";
import { ChildProgram } from "../../testing/child-program.ts";
import { freshDatabase, type TestDatabase } from "../../testing/database.ts";
import { expectKept } from "../../testing/expect-kept.ts";
import { query } from "../../testing/look.ts";
import { seedOfRun } from "../../testing/seed-of-run.ts";
import type { Arrival } from "./outside.ts";
import { loadDefaults } from "./play.ts";
import { playRound } from "./round.ts";
import { Sink, type Mood } from "./sink.ts";

let database: TestDatabase;
let sink: Sink;
beforeAll(async () => {
  database = await freshDatabase();
  sink = await Sink.open(seedOfRun());
});
afterAll(async () => {
  await sink.close();
  await database.close();
});

const soon = { timeout: 60_000, interval: 20 };

async function more(answered: Arrival["answered"], count: number): Promise<void> {
  const goal = sink.count(answered) + count;
  await expect.poll(() => sink.count(answered), soon).toBeGreaterThanOrEqual(goal);
}

/** Until it has had its effect on so many. */
async function misbehave(mood: Mood, answered: Arrival["answered"]): Promise<void> {
  sink.mood = mood;
  await more(answered, 5);
  sink.mood = "well";
}

/** Who died keeps its turns for some seconds, which nobody waits for here. */
const letTurnsEnd = () => query(database.db, "update leases set until = now()");

it(
  "is told to an endpoint that fails and hangs, by workers that die, and noted by servers that die",
  { timeout: 240_000 },
  async () => {
    const settings = {
      ZERORACE_DATABASE_URL: database.url,
      ZERORACE_WEBHOOK_TARGETS: "any",
      ZERORACE_WEBHOOK_TIMEOUT_MS: "500",
      ZERORACE_RATE_PER_IP: "0",
    };
    await using server = await ChildProgram.of("serve", settings);
    await using worker = await ChildProgram.of("worker", settings);
    await Promise.all([
      server.start({ ZERORACE_CRASH_AT: "gate.raised#3" }),
      worker.start({ ZERORACE_CRASH_AT: "handle.told#3" }),
    ]);
    const over = new AbortController();
    onTestFinished(() => over.abort());
    const worlds = new Worlds({ db: database.db, urls: [server.url], sink });
    const played = playRound(database.db, (shelf) => worlds.open(shelf, true), {
      ...loadDefaults,
      clients: 6,
      operations: 20_000,
      operationsPerCommand: 4,
      seed: seedOfRun(),
      oneLine: true,
      witness: true,
      told: true,
      signal: over.signal,
    });
    const ofServer = async (): Promise<void> => {
      await server.ended();
      await server.start();
    };
    const ofWorker = async (): Promise<void> => {
      await worker.ended();
      await letTurnsEnd();
      await worker.start({ ZERORACE_CRASH_AT: "webhook.posted#12" });
      await worker.ended();
      await letTurnsEnd();
      await worker.start();
      await misbehave("fails", "no");
      await misbehave("hangs", "never");
      await more("yes", 5);
    };
    const striking = Promise.all([ofServer(), ofWorker()]).finally(() => over.abort());
    const round = await played;
    await striking;
    const [first] = round.violations;
    expect(first && `${first.check}: ${first.says}`).toBeUndefined();
    expectKept(round, { name: "told-to-the-end", faults: 5 });
    expect([server.deaths, worker.deaths]).toEqual([1, 2]);
    const { outside } = round.history;
    expect(outside?.heard?.arrivals.length).toBeGreaterThan(20);
    expect(outside?.log.entries.length).toBeGreaterThan(5);
  },
);
