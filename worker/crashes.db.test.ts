import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, inject, it, onTestFinished } from "vitest";
import { openBalances } from "../server/balances/copies.ts";
import { freePort } from "../server/base/free-port.ts";
import type { Shelf } from "../server/proof/history/history.ts";
import { kernelTarget, type Target } from "../server/proof/history/target.ts";
import { Counter } from "../server/testing/counter.ts";
import { inTurn, workerCrashes, type WorkerProvocation } from "../server/testing/crash-plan.ts";
import { freshDatabase, type TestDatabase } from "../server/testing/database.ts";
import { expectKept } from "../server/testing/expect-kept.ts";
import { expectTold } from "../server/testing/expect-told.ts";
import { startKernel } from "../server/testing/factories.ts";
import { query, turnBack } from "../server/testing/look.ts";
import { ChildProgram } from "../server/testing/child-program.ts";
import { startTestPlane, type TestPlane } from "../server/testing/plane.ts";
import { hasRedis, startPlainRedis, type PlainRedis } from "../server/testing/redis-servers.ts";
import { makeWebhook, startReceiver, type Receiver } from "../server/testing/webhooks.ts";

let database: TestDatabase;
let dynamo: TestPlane;
let redis: PlainRedis;
let counter: Counter;
let target: Target;
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
  const { db } = database;
  counter = await Counter.open(db, "worker", { witness: true });
  target = kernelTarget([startKernel(db)], db, counter.shelf);
});

const soon = { timeout: 120_000, interval: 20 };

async function asked(count: number, kind: "commit" | "hold"): Promise<string[]> {
  const ops = Array.from({ length: count }, () => counter.next());
  const all = ops.map((op) => counter.ask(target, op, { asked: counter.unit(op, kind) }));
  return (await Promise.all(all)).map(({ id = "" }) => id);
}

async function sell(): Promise<void> {
  const [purchaseId = ""] = await asked(12, "commit");
  const refund = { kind: "refund", purchaseId, amountMinor: 10 } as const;
  await counter.ask(target, counter.next(), { asked: refund });
}

async function letHoldsLapse(): Promise<void> {
  await turnBack(database.db, await asked(5, "hold"), "1 hour");
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
    said: expect.stringContaining(`dies at ${at.replace(/#\d+$/, "")}`) as string,
  });
  await turnOn();
}

/** Every entry of the counter's ledger, by the id of its event. */
async function eventsOf({ tenantId }: Shelf): Promise<string[]> {
  const rows = await query<{ id: string }>(
    database.db,
    "select distinct txn_id as id from ledger_entries where tenant_id = $1 order by 1",
    [tenantId],
  );
  return rows.map(({ id }) => id);
}

async function expectDelivered({ received, refused }: Receiver): Promise<void> {
  const owed = await eventsOf(counter.shelf);
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

async function expectBalances({ merchantId }: Shelf): Promise<void> {
  const copies = openBalances(redis.url, { timeoutMs: 2_000 });
  onTestFinished(() => copies.close());
  await copies.settled(10_000);
  const [row] = await query<{ sum: bigint }>(
    database.db,
    "select sum(amount_minor)::bigint as sum from ledger_entries where owner_id = $1",
    [merchantId],
  );
  await expect
    .poll(async () => {
      const { accounts = [] } = (await copies.read(merchantId)) ?? {};
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
      receiver.secrets.push((await makeWebhook(db, counter.shelf, receiver.url)).secret);
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
    const round = await counter.judged(db, true);
    expectKept(round, { name: `worker-crash-points-${by}`, faults: points.length });
    await expectTold(db, dynamo.plane);
    await expectBalances(counter.shelf);
    if (by === "webhooks") await expectDelivered(receiver);
  },
);
