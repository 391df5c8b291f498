import { Agent } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeKey, type TestApi } from "../../testing/api.ts";
import { ChildProgram } from "../../testing/child-program.ts";
import { Counter } from "../../testing/counter.ts";
import { freshDatabase, type TestDatabase } from "../../testing/database.ts";
import { expectKept } from "../../testing/expect-kept.ts";
import { LastingTarget } from "../../testing/lasting-target.ts";
import { targetAt } from "../../testing/play-over-http.ts";

let database: TestDatabase;
let servers: ChildProgram[];
beforeAll(async () => {
  database = await freshDatabase();
  const settings = { ZERORACE_DATABASE_URL: database.url, ZERORACE_DRAIN_DELAY_MS: "400" };
  servers = await Promise.all([1, 2].map(() => ChildProgram.of("serve", settings)));
  for (const server of servers) await server.start();
}, 300_000);
afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
  await database.close();
});

async function openCounter(given: { readonly stock: number; readonly purses: number }) {
  const { db } = database;
  const counter = await Counter.open(db, "crowd", given);
  const urls = servers.map(({ url }) => url);
  return { counter, target: await targetAt(db, urls, counter.shelf) };
}

it(
  "two hundred who ask at once under one key, at two servers, have one purchase",
  { timeout: 300_000 },
  async () => {
    const { counter, target } = await openCounter({ stock: 100, purses: 1 });
    const all = Array.from({ length: 200 }, () => counter.untilKnown(target, 0));
    const answers = await Promise.all(all);
    const round = await counter.judged(database.db);
    const fresh = answers.filter(({ replayed }) => replayed !== true).length;
    const effects = round.history.books.transactions.length;
    expectKept(round, { name: "F18-same-key-storm", faults: 200, more: { effects, fresh } });
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(effects).toBe(1);
    expect(fresh).toBeLessThanOrEqual(1);
  },
);

it(
  "five hundred who want two hundred units get exactly two hundred",
  { timeout: 300_000 },
  async () => {
    const { counter, target } = await openCounter({ stock: 200, purses: 50 });
    const all = Array.from({ length: 500 }, (_, buyer) => counter.untilKnown(target, buyer));
    const answers = await Promise.all(all);
    const sold = answers.filter(({ what }) => what === "granted").length;
    const round = await counter.judged(database.db);
    expectKept(round, { name: "F19-hot-item", faults: 500, more: { sold } });
    expect(sold).toBe(200);
    const reasons = answers.filter(({ what }) => what === "declined").map(({ said }) => said);
    expect(reasons.filter((said) => said?.includes('"SOLD_OUT"') !== true)).toEqual([]);
  },
);

it(
  "a server that is told to stop in the middle of a rush answers all, resets nobody and ends well",
  { timeout: 300_000 },
  async () => {
    const { db } = database;
    const counter = await Counter.open(db, "rush");
    const { tenantId } = counter.shelf;
    const apiKey = await makeKey({ database } as TestApi, { tenantId }, ["purchases:write"]);
    const [server] = servers;
    if (server === undefined) throw new Error("there are two");
    const agent = new Agent({ keepAlive: true });
    const shopping = async (): Promise<void> => {
      const target = new LastingTarget(agent, server.url, apiKey, counter.shelf);
      while (!target.isClosing) {
        const { outcome } = await counter.ask(target, counter.next());
        if (outcome !== "ok") return;
      }
    };
    const clients = Promise.all(Array.from({ length: 40 }, shopping));
    await expect.poll(() => counter.heard("granted"), { timeout: 60_000 }).toBeGreaterThan(100);
    const stoppedAt = performance.now();
    const death = await server.end("SIGTERM");
    await clients;
    agent.destroy();
    const drainS = ((performance.now() - stoppedAt) / 1_000).toFixed(1);
    const round = await counter.judged(db);
    const unheard = round.history.attempts.filter(({ what }) => what !== "granted");
    const more = { resets: unheard.length, exit: String(death.code), drain_s: drainS };
    expectKept(round, { name: "F28-sigterm", faults: 1, more });
    expect(death).toMatchObject({ code: 0, signal: null });
    expect(unheard).toEqual([]);
  },
);
