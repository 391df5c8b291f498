import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeKey, type TestApi } from "../../testing/api.ts";
import { ChildProgram } from "../../testing/child-program.ts";
import { freshDatabase, type TestDatabase } from "../../testing/database.ts";
import { expectKept } from "../../testing/expect-kept.ts";
import { makeItem, makeMandate, makeShop } from "../../testing/factories.ts";
import { query } from "../../testing/look.ts";
import { targetAt } from "../../testing/play-over-http.ts";
import { seedOfRun } from "../../testing/seed-of-run.ts";
import { shopUntilClosed } from "../../testing/shop-until-closed.ts";
import type { Asked, Attempt, Shelf } from "../history/history.ts";
import { Recorder } from "../history/recorder.ts";
import { judge } from "../history/round.ts";
import { openWorld } from "../world.ts";

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

const priceMinor = 100;

/** One item, and so many mandates that each could buy it all. */
async function openCounter(stock: number, purses: number) {
  const { db } = database;
  const world = await openWorld(db, "a crowd");
  const { itemId } = await makeItem(db, world, { stock: BigInt(stock), buckets: 4 });
  const mandates = await Promise.all(
    Array.from({ length: purses }, async () => (await makeMandate(db, world)).mandateId),
  );
  const shelf: Shelf = {
    ...world,
    currency: "USD",
    items: [{ itemId, stock, priceMinor }],
    mandates: mandates.map((mandateId) => ({ mandateId, capMinor: 1_000_000 })),
  };
  const recorder = new Recorder(shelf);
  const target = await targetAt(
    db,
    servers.map(({ url }) => url),
    shelf,
  );
  /** Again for as long as nobody can tell, or nobody had the time. */
  const buy = async (op: number, key: string, buyer: number): Promise<Attempt> => {
    const asked: Asked = {
      kind: "commit",
      mandateId: mandates[buyer % purses] ?? "",
      agentId: `agent-${buyer}`,
      lines: [{ itemId, quantity: 1 }],
      amountMinor: priceMinor,
    };
    for (;;) {
      const attempt = await recorder.ask(target, op, key, asked);
      if (attempt.outcome === "ok") return attempt;
      await sleep(20 + 50 * Math.random());
    }
  };
  const judged = () => judge(db, { seed: seedOfRun(), shelf, recorder }, { witnessed: false });
  return { buy, judged };
}

it(
  "two hundred who ask at once under one key, at two servers, have one purchase",
  { timeout: 300_000 },
  async () => {
    const { buy, judged } = await openCounter(100, 1);
    const answers = await Promise.all(Array.from({ length: 200 }, () => buy(0, "storm", 0)));
    const round = await judged();
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
    const { buy, judged } = await openCounter(200, 50);
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, buyer) => buy(buyer, `hot-${buyer}`, buyer)),
    );
    const sold = answers.filter(({ what }) => what === "granted").length;
    expectKept(await judged(), { name: "F19-hot-item", faults: 500, more: { sold } });
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
