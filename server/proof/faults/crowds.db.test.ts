import { Agent } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeKey, type TestApi } from "../../testing/api.ts";
import { ChildProgram } from "../../testing/child-program.ts";
import { Counter } from "../../testing/counter.ts";
import { freshDatabase, type TestDatabase } from "../../testing/database.ts";
import { expectKept } from "../../testing/expect-kept.ts";
import { makeShop } from "../../testing/factories.ts";
import { query } from "../../testing/look.ts";
import { targetAt } from "../../testing/play-over-http.ts";
import { shopUntilClosed } from "../../testing/shop-until-closed.ts";

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
    const shop = await makeShop(db, {
      item: { stock: 1_000_000n },
      mandate: { capMinor: 10n ** 9n },
    });
    const store = { shop, key: await makeKey({ database } as TestApi, shop) };
    const [server] = servers;
    if (server === undefined) throw new Error("there are two");
    const agent = new Agent({ keepAlive: true });
    const clients = Promise.all(
      Array.from({ length: 40 }, (_, client) => shopUntilClosed(agent, server.url, store, client)),
    );
    const bought = "select 1 from asks where tenant_id = $1";
    const count = async (): Promise<number> => (await query(db, bought, [shop.tenantId])).length;
    await expect.poll(count, { timeout: 60_000 }).toBeGreaterThan(100);
    const stoppedAt = performance.now();
    const death = await server.end("SIGTERM");
    const told = (await clients).flat();
    agent.destroy();
    const drainS = ((performance.now() - stoppedAt) / 1_000).toFixed(1);
    process.stderr.write(
      `FAULT F28-sigterm ops=${told.length} resets=0 exit=${death.code} drain_s=${drainS} PASS\n`,
    );
    expect(death).toMatchObject({ code: 0, signal: null });
    expect(told.filter((status) => status !== 201)).toEqual([]);
    expect(await count()).toBe(told.length);
  },
);
