import { afterAll, beforeAll, expect, it } from "vitest";
import { makeLog } from "../server/base/log.ts";
import { adjustStock } from "../server/kernel/item-commands.ts";
import { topUp } from "../server/kernel/mandate-commands.ts";
import { itemKey, mandateKey, purchaseKey } from "../server/readplane/keys.ts";
import { putIfNewer } from "../server/readplane/put.ts";
import { readCopy, readWatermark } from "../server/readplane/query.ts";
import { tellsNobody } from "../server/live/announce.ts";
import { freshDatabase, type TestDatabase } from "../server/testing/database.ts";
import {
  about,
  commitAsk,
  granted,
  holdAsk,
  makeShop,
  startKernel,
} from "../server/testing/factories.ts";
import { expectTold } from "../server/testing/expect-told.ts";
import { startTestPlane, type TestPlane } from "../server/testing/plane.ts";
import { handle } from "./handle.ts";
import type { Job, JobContext } from "./job.ts";
import { jobs } from "./jobs.ts";
import { project } from "./jobs/project.ts";
import { readBacklog } from "../server/outbox/backlog.ts";
import { listParked, replayParked } from "../server/outbox/parked.ts";
import { readDue, shardCount, type DueEvent } from "./outbox/due.ts";
import { triesMax } from "./outbox/park.ts";
import { settle } from "./outbox/settle.ts";
import { HandedOver, relayOnce } from "./relay.ts";
import { tellWatermark } from "./watermark.ts";

let database: TestDatabase;
let dynamo: TestPlane;
let ctx: JobContext;
beforeAll(async () => {
  database = await freshDatabase();
  const { db } = database;
  dynamo = await startTestPlane(db.metrics);
  const log = makeLog("test", { logLevel: "silent" });
  ctx = { db, log, metrics: db.metrics, plane: dynamo.plane, tells: tellsNobody };
});
afterAll(async () => {
  await dynamo.close();
  await database.close();
});

const shards = Array.from({ length: shardCount }, (_, shard) => shard);
const tellAll = async (): Promise<void> => {
  while ((await relayOnce(ctx, { shards: () => shards })) > 0);
};

/** One of each kind of ask that leaves an event. */
async function busyShop() {
  const { db } = database;
  const kernel = startKernel(db);
  const shop = await makeShop(db);
  const purchases = await Promise.all(
    Array.from({ length: 20 }, () => granted(kernel.ask(commitAsk(shop)))),
  );
  const [refunded = ""] = purchases;
  const refund = { ...about(shop, refunded), amountMinor: 40n, returnQuantity: 1n };
  await granted(kernel.ask({ kind: "refund", ...refund }));
  const kept = await granted(kernel.ask(holdAsk(shop, { quantity: 3n })));
  await granted(kernel.ask({ kind: "capture", ...about(shop, kept), quantity: 2n }));
  const left = await granted(kernel.ask(holdAsk(shop)));
  await granted(kernel.ask({ kind: "release", ...about(shop, left) }));
  return { kernel, shop, purchases };
}

it("what was sold, held, captured, released and refunded can be read in the copies", async () => {
  await busyShop();
  await tellAll();
  await expectTold(database.db, dynamo.plane);
  expect(await readBacklog(database.db)).toMatchObject({ events: 0, parked: 0 });
});

it("what a command changed can be read in the copies, and no sale is needed for it", async () => {
  const { db } = database;
  const { tenantId, item, mandate } = await makeShop(db);
  const [{ itemId }, { mandateId }] = [item, mandate];
  await adjustStock(db, { tenantId, itemId, quantity: 23n, reason: "found" });
  await topUp(db, { tenantId, mandateId, amountMinor: 5n });
  await tellAll();
  const stock = await readCopy(dynamo.plane, itemKey(itemId));
  expect(stock?.view).toMatchObject({ available: "123" });
  const money = await readCopy(dynamo.plane, mandateKey(mandateId));
  expect(money?.view).toMatchObject({ capMinor: "1000005", spentMinor: "0" });
});

it("events that come twice, out of order and at the same time count once", async () => {
  await busyShop();
  const due = await readDue(database.db, shards, 1_000);
  const mixed = [...due, ...due].toSorted(() => Math.random() - 0.5);
  const third = Math.ceil(mixed.length / 3);
  const parts = [0, 1, 2].map((part) => mixed.slice(part * third, (part + 1) * third));
  await Promise.all(parts.map((part, slice) => handle(ctx, [...new Set(part)], slice)));
  await handle(ctx, due, 5);
  await tellAll();
  await expectTold(database.db, dynamo.plane);
});

it("a copy that is older than what is there is not written", async () => {
  const { plane } = dynamo;
  const key = itemKey("of-a-test");
  const at = (version: bigint) => ({ ...key, version, view: { version: String(version) } });
  await putIfNewer(plane, [at(7n)]);
  await putIfNewer(plane, [at(6n), { ...itemKey("a-neighbour"), version: 1n, view: {} }]);
  expect(await readCopy(plane, key)).toMatchObject({ version: 7n, view: { version: "7" } });
  expect(await readCopy(plane, itemKey("a-neighbour"))).toBeDefined();
  await putIfNewer(plane, [at(8n)]);
  expect(await readCopy(plane, key)).toMatchObject({ version: 8n });
});

it("the row goes only after its copies are written", async () => {
  const { purchases } = await busyShop();
  const away = dynamo.at("http://127.0.0.1:1");
  await expect(relayOnce({ ...ctx, plane: away }, { shards: () => shards })).rejects.toThrow(
    "DynamoDB",
  );
  away.close();
  const due = await readDue(database.db, shards, 1_000);
  expect(due.map(({ subjectId }) => subjectId)).toEqual(expect.arrayContaining(purchases));
  expect(due.every(({ tries }) => tries === 0)).toBe(true);
  await tellAll();
  await expectTold(database.db, dynamo.plane);
});

it("a sum that changed while it was told stays due", async () => {
  const { kernel, shop } = await busyShop();
  await relayOnce(ctx, { shards: () => shards });
  const told = await readDue(database.db, shards, 1_000);
  expect(told.map(({ subjectId }) => subjectId)).toContain(shop.merchantId);
  await granted(kernel.ask(commitAsk(shop)));
  const sold = await readDue(database.db, shards, 1_000);
  await handle(
    ctx,
    sold.filter(({ kind }) => project.hears(kind)),
    3,
  );
  // By somebody who read the sums before that.
  await settle(database.db, told, 0);
  const due = await readDue(database.db, shards, 1_000);
  expect(due.map(({ subjectId }) => subjectId)).toContain(shop.merchantId);
  await tellAll();
  await expectTold(database.db, dynamo.plane);
});

it("what was handed over and lost is done here, and not before", async () => {
  await busyShop();
  const handedOver = new HandedOver();
  const handed: number[] = [];
  const lose = async (events: readonly DueEvent[]): Promise<void> =>
    void handed.push(events.length);
  const look = () => relayOnce(ctx, { shards: () => shards, deliver: lose }, handedOver);
  const all = await look();
  expect(all).toBeGreaterThan(20);
  expect(await look()).toBe(0);
  await expect.poll(look, { timeout: 10_000 }).toBe(all);
  // A queue that lost them is not asked to tell the sums that they changed.
  while ((await look()) > 0);
  expect(handed).toEqual([all]);
  await expectTold(database.db, dynamo.plane);
});

it("a worker that ended between the copies and the row leaves a debt that counts once", async () => {
  await busyShop();
  const due = await readDue(database.db, shards, 1_000);
  await project.run(
    ctx,
    due.filter(({ kind }) => project.hears(kind)),
  );
  await tellAll();
  await expectTold(database.db, dynamo.plane);
});

it("an event that cannot be told is parked with the reason, others pass it, and it can be replayed", async () => {
  const { db } = database;
  const { shop, kernel } = await busyShop();
  const bad = "00000000-0000-4000-8000-00000000000a";
  await db.pool.query(
    "insert into outbox (shard, event_id, tenant_id, kind, subject_id) values (10, $1, $2, 'purchase.vanished', $1)",
    [bad, shop.tenantId],
  );
  for (let tries = 0; tries < triesMax; tries++) {
    await tellAll();
    await db.pool.query("update outbox set due_at = now() where event_id = $1", [bad]);
  }
  const id = await granted(kernel.ask(commitAsk(shop)));
  await tellAll();
  expect(await readCopy(dynamo.plane, purchaseKey(id))).toBeDefined();
  expect(await listParked(db, 10)).toMatchObject([
    { eventId: bad, reason: `there is no purchase ${bad}` },
  ]);
  expect(await replayParked(db, { eventId: bad })).toBe(1);
  expect(await listParked(db, 10)).toEqual([]);
  expect(await readDue(db, [10], 10)).toMatchObject([{ eventId: bad, tries: 0 }]);
  await db.pool.query("delete from outbox where event_id = $1", [bad]);
});

it("an event that brings its job down stands in nobody's way", async () => {
  await busyShop();
  const due = await readDue(database.db, shards, 1_000);
  const [bad] = due;
  const seen: string[] = [];
  const job: Job = {
    name: "brittle",
    hears: () => true,
    async run(_, events) {
      if (events.some(({ eventId }) => eventId === bad?.eventId)) throw new TypeError("no");
      seen.push(...events.map(({ eventId }) => eventId));
      return new Map();
    },
  };
  await handle(ctx, due, 0, [job]);
  expect(seen.toSorted()).toEqual(
    due
      .slice(1)
      .map(({ eventId }) => eventId)
      .toSorted(),
  );
  const { rows } = await database.db.pool.query(
    "select event_id, tries from outbox where tries > 0",
  );
  expect(rows).toEqual([{ event_id: bad?.eventId, tries: 1 }]);
  await database.db.pool.query("update outbox set due_at = now()");
  await tellAll();
});

it("a document that DynamoDB refuses stands in nobody's way", async () => {
  const { plane } = dynamo;
  const view = { text: "x".repeat(500_000) };
  const tooLarge = { ...itemKey("too-large"), version: 1n, view };
  const sound = ["a", "b", "c"].map((id) => ({ ...itemKey(id), version: 1n, view: {} }));
  const refused = await putIfNewer(plane, [...sound, tooLarge]);
  expect([...refused.keys()]).toEqual(["item#too-large/-"]);
  for (const doc of sound) expect(await readCopy(plane, doc)).toBeDefined();
});

it("the watermark never passes what is not told, and goes on when it is", async () => {
  const { db } = database;
  const { kernel, shop } = await busyShop();
  await tellAll();
  await tellWatermark(ctx);
  const before = Date.parse((await readWatermark(dynamo.plane)) ?? "");
  expect(Date.now() - before).toBeLessThan(10_000);
  await granted(kernel.ask(commitAsk(shop)));
  await db.pool.query("update outbox set created_at = created_at - interval '1 hour'");
  await tellWatermark(ctx);
  expect(Date.parse((await readWatermark(dynamo.plane)) ?? "")).toBe(before);
  // The sale is told, the sums of its merchant are not: they are as old as it is.
  await relayOnce(ctx, { shards: () => shards });
  const oldest = "select max(created_at) < now() - interval '59 minutes' as old from outbox";
  expect((await db.pool.query(oldest)).rows).toEqual([{ old: true }]);
  await tellWatermark(ctx);
  expect(Date.parse((await readWatermark(dynamo.plane)) ?? "")).toBe(before);
  await tellAll();
  await tellWatermark(ctx);
  expect(Date.parse((await readWatermark(dynamo.plane)) ?? "")).toBeGreaterThan(before);
});

it("sums that are due anew stay as old as the oldest sale that nobody was told of", async () => {
  const { db } = database;
  const { kernel, shop } = await busyShop();
  await tellAll();
  await granted(kernel.ask(commitAsk(shop)));
  await relayOnce(ctx, { shards: () => shards });
  await db.pool.query("update outbox set created_at = created_at - interval '1 hour'");
  await granted(kernel.ask(commitAsk(shop)));
  const events = await readDue(db, shards, 100);
  await handle(
    ctx,
    events.filter(({ kind }) => kind !== "totals.changed"),
    0,
  );
  expect((await readBacklog(db)).oldestSeconds).toBeGreaterThan(3_000);
  await tellAll();
});

it("the watermark follows a merchant who sells without a pause", async () => {
  const { db } = database;
  const { kernel, shop } = await busyShop();
  await tellAll();
  await granted(kernel.ask(commitAsk(shop)));
  await db.pool.query("update outbox set created_at = created_at - interval '1 hour'");
  // That sale is added up; the next one is there before the sums with it are told.
  await relayOnce(ctx, { shards: () => shards });
  await granted(kernel.ask(commitAsk(shop)));
  await relayOnce(ctx, { shards: () => shards });
  expect(await readBacklog(db)).toMatchObject({ events: 2 });
  expect((await readBacklog(db)).oldestSeconds).toBeLessThan(1_800);
  await tellAll();
});

it("the watermark follows a merchant who sells while the sums are told, whenever they are", async () => {
  const { db } = database;
  const { kernel, shop } = await busyShop();
  await tellAll();
  const sold = async (): Promise<void> => void (await granted(kernel.ask(commitAsk(shop))));
  await sold();
  await relayOnce(ctx, { shards: () => shards });
  await db.pool.query("update outbox set created_at = created_at - interval '1 hour'");
  // Between the reading of the sums and their row's end another sale is added up: the row is due anew.
  const meanwhile: Job = {
    name: "meanwhile",
    hears: (kind) => kind === "totals.changed",
    async run() {
      await sold();
      const events = await readDue(db, shards, 100);
      await handle(
        ctx,
        events.filter(({ kind }) => kind !== "totals.changed"),
        0,
      );
      return new Map();
    },
  };
  await handle(ctx, await readDue(db, shards, 100), 0, [...jobs, meanwhile]);
  const { events, oldestSeconds } = await readBacklog(db);
  expect(events).toBeGreaterThan(0);
  expect(oldestSeconds).toBeLessThan(60);
  await tellAll();
});
