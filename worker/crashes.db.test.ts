import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, inject, it, onTestFinished } from "vitest";
import { openBalances } from "../server/balances/copies.ts";
import { freePort } from "../server/base/free-port.ts";
import type { Kernel } from "../server/kernel/gather.ts";
import { readBacklog } from "../server/outbox/backlog.ts";
import { inTurn, workerCrashes, type WorkerProvocation } from "../server/testing/crash-plan.ts";
import { freshDatabase, type TestDatabase } from "../server/testing/database.ts";
import { expectProven } from "../server/testing/expect-proven.ts";
import { expectTold } from "../server/testing/expect-told.ts";
import {
  about,
  commitAsk,
  granted,
  holdAsk,
  makeShop,
  startKernel,
  type Shop,
} from "../server/testing/factories.ts";
import { query, turnBack } from "../server/testing/look.ts";
import { ChildProgram } from "../server/testing/child-program.ts";
import { startTestPlane, type TestPlane } from "../server/testing/plane.ts";
import { hasRedis, startPlainRedis, type PlainRedis } from "../server/testing/redis-servers.ts";
import { makeWebhook, startReceiver, type Receiver } from "../server/testing/webhooks.ts";

let database: TestDatabase;
let dynamo: TestPlane;
let redis: PlainRedis;
let kernel: Kernel;
let shop: Shop;
beforeAll(async () => {
  database = await freshDatabase();
  dynamo = await startTestPlane();
  if (hasRedis) redis = await startPlainRedis(await freePort());
});
afterAll(async () => {
  await redis?.stop();
  await dynamo.close();
  await database.close();
});
beforeEach(async () => {
  kernel = startKernel(database.db);
  shop = await makeShop(database.db, {
    item: { stock: 100_000n },
    mandate: { capMinor: 10n ** 9n },
  });
});

const soon = { timeout: 120_000, interval: 20 };

async function sell(): Promise<void> {
  const ids = await Promise.all(
    Array.from({ length: 12 }, () => granted(kernel.ask(commitAsk(shop)))),
  );
  const [first = ""] = ids;
  await granted(kernel.ask({ kind: "refund", ...about(shop, first), amountMinor: 10n }));
}

async function letHoldsLapse(): Promise<void> {
  const ids = await Promise.all(
    Array.from({ length: 5 }, () => granted(kernel.ask(holdAsk(shop)))),
  );
  await turnBack(database.db, ids, "1 hour");
}

/** What a death leaves behind is waited for by others for some time: it is turned on, not waited for. */
async function turnOn(): Promise<void> {
  await query(database.db, "delete from leases where name like 'round/%'");
  await query(
    database.db,
    "update webhook_deliveries set due_at = now() where state = 'pending' and due_at > now()",
  );
}

const happens: Readonly<Record<WorkerProvocation, () => Promise<void>>> = {
  sales: sell,
  webhooks: sell,
  holds: letHoldsLapse,
};

/** It is at work while more happens, until it dies. */
async function dieAt(worker: ChildProgram, at: string, by: WorkerProvocation): Promise<void> {
  await worker.start({ ZERORACE_CRASH_AT: at });
  for (const giveUpAt = performance.now() + soon.timeout; !worker.isDead; await sleep(100)) {
    expect(performance.now(), `${at} was not reached`).toBeLessThan(giveUpAt);
    await happens[by]();
    await turnOn();
  }
  expect(await worker.ended()).toMatchObject({
    signal: "SIGKILL",
    said: expect.stringContaining(`dies at ${at}`) as string,
  });
  await turnOn();
}

/** Every entry of the shop's ledger, by the id of its event. */
async function eventsOf({ tenantId }: Shop): Promise<string[]> {
  const rows = await query<{ id: string }>(
    database.db,
    "select distinct txn_id as id from ledger_entries where tenant_id = $1 order by 1",
    [tenantId],
  );
  return rows.map(({ id }) => id);
}

async function expectDelivered({ received, refused }: Receiver): Promise<void> {
  const owed = await eventsOf(shop);
  const came = (): string[] => [...new Set(received.map(({ id }) => id))].toSorted();
  await expect
    .poll(async () => {
      await turnOn();
      return came().filter((id) => owed.includes(id)).length;
    }, soon)
    .toBe(owed.length);
  // Sent twice at worst: then under one id and in the same words.
  for (const [id, copies] of Map.groupBy(received, (one) => one.id)) {
    expect(new Set(copies.map(({ body }) => body)).size, id).toBe(1);
  }
  expect(refused).toEqual([]);
}

async function expectBalances(): Promise<void> {
  const copies = openBalances(redis.url, { timeoutMs: 2_000 });
  onTestFinished(() => copies.close());
  await copies.settled(10_000);
  const [row] = await query<{ sum: bigint }>(
    database.db,
    "select sum(amount_minor)::bigint as sum from ledger_entries where owner_id = $1",
    [shop.merchantId],
  );
  await expect
    .poll(async () => {
      const { accounts = [] } = (await copies.read(shop.merchantId)) ?? {};
      return accounts.reduce((sum, { balanceMinor }) => sum + balanceMinor, 0n);
    }, soon)
    .toBe(row?.sum);
}

it.runIf(hasRedis).each(inTurn(workerCrashes, inject("testFaults").crashes))(
  "a worker that dies at a crash point of %s (%j) leaves nothing untold, and nothing told twice that counts",
  { timeout: 900_000 },
  async (by, points) => {
    const { db } = database;
    const receiver = await startReceiver();
    if (by === "webhooks") {
      receiver.secrets.push((await makeWebhook(db, shop, receiver.url)).secret);
    }
    await using worker = await ChildProgram.of("worker", {
      ZERORACE_DATABASE_URL: database.url,
      ZERORACE_DYNAMODB_ENDPOINT: dynamo.endpoint,
      ZERORACE_DYNAMODB_TABLE: dynamo.plane.table,
      ZERORACE_REDIS_URL: redis.url,
      ZERORACE_WEBHOOK_TARGETS: "any",
    });
    for (const at of points) await dieAt(worker, at, by);
    await worker.start();
    await sell();
    const lapsed = "select 1 from purchases where state = 'held' and expires_at < now()";
    await expect.poll(() => query(db, lapsed), soon).toEqual([]);
    await expect.poll(async () => (await readBacklog(db)).events, soon).toBe(0);
    await expectTold(db, dynamo.plane);
    await expectBalances();
    if (by === "webhooks") await expectDelivered(receiver);
    await expectProven(db);
  },
);
