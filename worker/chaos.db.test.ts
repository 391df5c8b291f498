import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { openBalances } from "../server/balances/copies.ts";
import { freePort } from "../server/base/free-port.ts";
import type { Kernel } from "../server/kernel/gather.ts";
import { itemKey, totalsKey } from "../server/readplane/keys.ts";
import { readCopy } from "../server/readplane/query.ts";
import { connectRedis } from "../server/redis/connect.ts";
import { badHttp, type BadHttp } from "../server/proof/bad-http.ts";
import { ChildWorkers } from "../server/testing/child-workers.ts";
import { freshDatabase, type TestDatabase } from "../server/testing/database.ts";
import { openDoor } from "../server/testing/door.ts";
import { expectTold } from "../server/testing/expect-told.ts";
import {
  about,
  commitAsk,
  granted,
  makeShop,
  startKernel,
  type Shop,
} from "../server/testing/factories.ts";
import { startTestPlane, type TestPlane } from "../server/testing/plane.ts";
import { hasRedis, startPlainRedis } from "../server/testing/redis-servers.ts";
import { readBacklog } from "../server/outbox/backlog.ts";

let database: TestDatabase;
let dynamo: TestPlane;
let network: BadHttp;
beforeAll(async () => {
  database = await freshDatabase();
  dynamo = await startTestPlane();
  network = await badHttp(dynamo.endpoint);
});
afterAll(async () => {
  await network.close();
  await dynamo.close();
  await database.close();
});

/** Of ten requests three are throttled, of twenty one is done and its answer lost: in their order. */
function throttled() {
  let nth = 0;
  return () => {
    nth += 1;
    if (nth % 10 < 3) return "throttle";
    return nth % 20 === 7 ? "cutAfter" : "pass";
  };
}
/** What is waited for comes; how soon is a matter of the machine, and is printed. */
const soon = { timeout: 60_000, interval: 20 };
const backlog = async (): Promise<number> => (await readBacklog(database.db)).events;

/** A sale, and now and then a refund of it: two events about the same things. */
async function sellSome(kernel: Kernel, shop: Shop, count: number): Promise<number> {
  const ids = await Promise.all(
    Array.from({ length: count }, () => granted(kernel.ask(commitAsk(shop)))),
  );
  const refunds = ids.slice(0, Math.floor(count / 4)).map((id) => {
    return granted(kernel.ask({ kind: "refund", ...about(shop, id), amountMinor: 10n }));
  });
  return ids.length + (await Promise.all(refunds)).length;
}

interface Seen {
  looks: number;
  /** How often something was newer than before. */
  steps: number;
}

/** Somebody who reads all the time and never sees anything become older. */
function watch(shop: Shop, signal: AbortSignal): { seen: Seen; over: Promise<void> } {
  const keys = [itemKey(shop.item.itemId), totalsKey(shop.merchantId, "USD")];
  const versions = keys.map(() => 0n);
  const seen: Seen = { looks: 0, steps: 0 };
  const look = async (): Promise<void> => {
    while (!signal.aborted) {
      for (const [nth, key] of keys.entries()) {
        const version = (await readCopy(dynamo.plane, key))?.version ?? 0n;
        expect(version, `${key.pk} went back`).toBeGreaterThanOrEqual(versions[nth] ?? 0n);
        if (version > (versions[nth] ?? 0n)) seen.steps += 1;
        versions[nth] = version;
        seen.looks += 1;
      }
      await sleep(5);
    }
  };
  return { seen, over: look() };
}

async function expectHealed(sinceMs: number): Promise<number> {
  await expect.poll(backlog, soon).toBe(0);
  const lagMs = performance.now() - sinceMs;
  await expectTold(database.db, dynamo.plane);
  return lagMs;
}

/** What Redis has of the shop's balance, after flushes, a restart and kills, is the journal's sum. */
async function expectBalances(redisUrl: string, { merchantId }: Shop): Promise<void> {
  const copies = openBalances(redisUrl, { timeoutMs: 2_000 });
  onTestFinished(() => copies.close());
  await copies.settled(10_000);
  const { rows } = await database.db.pool.query<{ sum: bigint }>(
    "select sum(amount_minor)::bigint as sum from ledger_entries where owner_id = $1",
    [merchantId],
  );
  await expect
    .poll(async () => (await copies.read(merchantId))?.accounts[0]?.balanceMinor, soon)
    .toBe(rows[0]?.sum);
}

const settings = (more: Record<string, string> = {}): Record<string, string> => ({
  ZERORACE_DATABASE_URL: database.url,
  ZERORACE_DYNAMODB_ENDPOINT: network.url,
  ZERORACE_DYNAMODB_TABLE: dynamo.plane.table,
  ...more,
});

it.runIf(hasRedis)(
  "400 events while workers are killed, Redis is flushed and restarted, DynamoDB throttles and hangs",
  { timeout: 300_000 },
  async () => {
    const { db } = database;
    const kernel = startKernel(db);
    const shop = await makeShop(db, { item: { stock: 1_000n } });
    const port = await freePort();
    let redis = await startPlainRedis(port);
    await using workers = new ChildWorkers(settings({ ZERORACE_REDIS_URL: redis.url }), 3);
    const client = connectRedis(redis.url);
    client.on("error", () => undefined);
    const watching = new AbortController();
    const { seen, over } = watch(shop, watching.signal);
    onTestFinished(async () => {
      watching.abort();
      client.disconnect();
      await Promise.allSettled([over, redis.stop()]);
    });
    network.fate(throttled());
    let events = await sellSome(kernel, shop, 60);
    await expect.poll(() => Math.min(seen.steps, network.counts.throttle), soon).toBeGreaterThan(0);
    for (let turn = 0; turn < 6; turn++) {
      const [{ hang }, { steps }] = [{ ...network.counts }, { ...seen }];
      workers.killOne();
      events += await sellSome(kernel, shop, 60);
      await client.flushall().catch(() => undefined);
      if (turn === 2) {
        await redis.stop();
        events += await sellSome(kernel, shop, 20);
        redis = await startPlainRedis(port);
      }
      // Those who are left are at work, and the next one is killed in the middle of it.
      if (turn === 4) {
        network.fate(() => "hang");
        await expect.poll(() => network.counts.hang - hang, soon).toBeGreaterThan(0);
        network.fate(throttled());
      } else await expect.poll(() => seen.steps - steps, soon).toBeGreaterThan(0);
    }
    expect(events).toBeGreaterThanOrEqual(400);
    network.fate(() => "pass");
    const lagMs = await expectHealed(performance.now());
    await expectBalances(redis.url, shop);
    watching.abort();
    await over;
    const [{ looks, steps }, { throttle, hang, cutAfter }] = [seen, network.counts];
    expect(Math.min(steps - 5, throttle, hang)).toBeGreaterThan(0);
    process.stderr.write(
      `${events} events, ${workers.kills} kills, ${throttle} throttled, ${hang} hung, ${cutAfter} cut ` +
        `off; told ${Math.round(lagMs)} ms after healing; ${looks} looks saw ${steps} steps forward\n`,
    );
  },
);

it(
  "without Redis, and with one that forgets every job, all is told",
  { timeout: 150_000 },
  async () => {
    const { db } = database;
    const kernel = startKernel(db);
    const shop = await makeShop(db);
    network.fate(() => "pass");
    // Nobody answers there.
    await using _workers = new ChildWorkers(
      settings({ ZERORACE_REDIS_URL: "redis://127.0.0.1:1" }),
      1,
    );
    await sellSome(kernel, shop, 40);
    await expect.poll(backlog, soon).toBe(0);
    await expectTold(db, dynamo.plane);
  },
);

it.runIf(hasRedis).each(["shut", "silent"] as const)(
  "after Redis and DynamoDB were %s all is told within ten seconds",
  { timeout: 150_000 },
  async (state) => {
    const { db } = database;
    const kernel = startKernel(db);
    const shop = await makeShop(db, { item: { stock: 1_000n } });
    const redis = await startPlainRedis(await freePort());
    const doors = await Promise.all([openDoor(redis.url), openDoor(dynamo.endpoint)]);
    const [{ url: redisUrl }, { url: endpoint }] = doors;
    await using _workers = new ChildWorkers(
      settings({ ZERORACE_REDIS_URL: redisUrl, ZERORACE_DYNAMODB_ENDPOINT: endpoint }),
      1,
    );
    onTestFinished(async () => {
      await Promise.all(doors.map((door) => door.close()));
      await redis.stop();
    });
    await sellSome(kernel, shop, 20);
    await expect.poll(backlog, soon).toBe(0);
    for (const door of doors) door.set(state);
    for (let turn = 0; turn < 24; turn++) {
      await sellSome(kernel, shop, 20);
      await sleep(250);
    }
    for (const door of doors) door.set("open");
    const lagMs = await expectHealed(performance.now());
    process.stderr.write(`${state}: told ${Math.round(lagMs)} ms after healing\n`);
    expect(lagMs).toBeLessThan(10_000);
  },
);
