import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import type { Db } from "../db/open.ts";
import { freshDatabase, openTest, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import {
  about,
  commitAsk,
  granted,
  holdAsk,
  makeShop,
  startKernel,
  subject,
  told,
  type Shop,
} from "../testing/factories.ts";
import { look, query } from "../testing/look.ts";
import { unreliable } from "../proof/unreliable.ts";
import type { CommandResult } from "./gate.ts";
import type { Kernel } from "./gather.ts";
import { adjustStock, closeItem, reshardItem, setPrice } from "./item-commands.ts";
import {
  pauseMandate,
  reshardMandate,
  revokeMandate,
  setCap,
  setRules,
} from "./mandate-commands.ts";
import type { Answer } from "./types.ts";

let test: TestDatabase;
let slow: Db;

/** Every COMMIT takes 15 ms, as it may across regions: the time in which transactions can collide. */
const commitMs = 15;

/** Where commits fail on purpose a command has to come again. */
const soonMs = inject("testEngine") === "dsql" ? 10_000 : 1_000;

beforeAll(async () => {
  test = await freshDatabase();
  const proxy = await unreliable(test.url, () => ({ delayMs: commitMs }));
  slow = openTest(proxy.url, { name: "slow" });
  return async () => {
    await slow.close();
    await proxy.close();
  };
});

afterAll(() => test.close());

const plenty = {
  item: { stock: 10_000_000n, buckets: 64 },
  mandate: { capMinor: 10_000_000_000n, buckets: 20 },
};

/** Eight lanes that sell without a pause until told to stop; what they were told, in order. */
function sellers(kernel: Kernel, shop: Shop, price: () => bigint = () => shop.item.priceMinor) {
  const answers: Answer[] = [];
  let selling = true;
  const askers = Array.from({ length: 64 }, async () => {
    while (selling) answers.push(await kernel.ask(commitAsk(shop, { amountMinor: price() })));
  });
  const stop = async () => {
    selling = false;
    await Promise.all(askers);
    return answers;
  };
  return { answers, stop, since: () => answers.length };
}

async function sold(shop: Shop): Promise<number> {
  return (await look(test.db, shop)).purchases;
}

async function until(condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error("the condition never came");
    await sleep(2);
  }
}

interface UnderLoad {
  readonly shop: Shop;
  readonly kernel: Kernel;
  readonly ackMs: number;
  /** A second, or what a machine that is busy with other things makes of it. */
  readonly soonMs: number;
  readonly soldAtAck: number;
  readonly crowd: ReturnType<typeof sellers>;
}

/** Runs a command while eight lanes sell, and looks at the books the moment it is acknowledged. */
async function underLoad(
  command: (shop: Shop) => Promise<CommandResult>,
  price?: (shop: Shop) => bigint,
): Promise<UnderLoad> {
  const shop = await makeShop(test.db, plenty);
  const kernel = startKernel(slow, { lanes: 8 });
  const openedAt = performance.now();
  const crowd = sellers(kernel, shop, price && (() => price(shop)));
  await until(() => crowd.since() > 200);
  const startedAt = performance.now();
  const limitMs = Math.max(soonMs, 4 * (startedAt - openedAt));
  expect(await command(shop)).toMatchObject({ kind: "done" });
  const ackMs = performance.now() - startedAt;
  return { shop, kernel, ackMs, soonMs: limitMs, crowd, soldAtAck: await sold(shop) };
}

/** A while longer: whatever was under way has had its chance to come through. */
async function aWhileLonger({ crowd }: UnderLoad): Promise<Answer[]> {
  const before = crowd.since();
  await until(() => crowd.since() > before + 200);
  return crowd.stop();
}

describe("a command under full load is acknowledged within a second, and nothing of before comes after it", () => {
  it.each([
    ["close", closeItem, "ITEM_CLOSED"],
    ["pause", pauseOf, "PAUSED"],
    ["revoke", revokeOf, "REVOKED"],
  ] as const)("%s", async (_, command, reason) => {
    const run = await underLoad((shop) => command(slow, { ...subject(shop) }));
    const late = await run.kernel.ask(commitAsk(run.shop));
    expect(told(late)).toMatchObject({ outcome: "DECLINED", reason });
    await aWhileLonger(run);
    expect(await sold(run.shop)).toBe(run.soldAtAck);
    expect(run.ackMs).toBeLessThan(run.soonMs);
    await expectProven(test.db);
  });

  it("a new price: no sale at the old one after it, and asks that came meanwhile waited", async () => {
    let price = 100n;
    const run = await underLoad(
      (shop) => setPrice(slow, { ...subject(shop), priceMinor: 150n }),
      () => price,
    );
    const atOldPrice = async () =>
      (
        await query<{ n: number }>(
          test.db,
          "select count(*)::integer as n from purchases where item_id = $1 and price_version = 1",
          [run.shop.item.itemId],
        )
      )[0]?.n;
    const before = await atOldPrice();
    const late = await run.kernel.ask(commitAsk(run.shop));
    expect(late).toMatchObject({ kind: "rejected", code: "AMOUNT_MISMATCH" });
    price = 150n;
    const answers = await aWhileLonger(run);
    expect(answers.at(-1)?.kind).toBe("granted");
    expect(await atOldPrice()).toBe(before);
    expect(run.ackMs).toBeLessThan(run.soonMs);
    await expectProven(test.db);
  });

  it.each([
    ["more buckets", (shop: Shop) => reshardItem(slow, { ...subject(shop), buckets: 128 })],
    ["fewer buckets", (shop: Shop) => reshardItem(slow, { ...subject(shop), buckets: 5 })],
    ["a mandate's buckets", (shop: Shop) => reshardMandate(slow, { ...subject(shop), buckets: 7 })],
    [
      "a restock",
      (shop: Shop) => adjustStock(slow, { ...subject(shop), quantity: 1_000n, reason: "delivery" }),
    ],
    [
      "a shrinkage",
      (shop: Shop) => adjustStock(slow, { ...subject(shop), quantity: -1_000n, reason: "broken" }),
    ],
    ["a higher cap", (shop: Shop) => setCap(slow, { ...subject(shop), capMinor: 20_000_000_000n })],
    [
      "new rules",
      (shop: Shop) =>
        setRules(slow, { ...subject(shop), rules: { dayLimitMinor: 9_000_000_000n } }),
    ],
  ] as const)("%s: the sale goes on and nothing is lost", async (_, command) => {
    const run = await underLoad(command);
    const answers = await aWhileLonger(run);
    expect(answers.filter(({ kind }) => kind !== "granted")).toEqual([]);
    expect(await sold(run.shop)).toBe(answers.length);
    expect(run.ackMs).toBeLessThan(run.soonMs);
    await expectProven(test.db);
  });
});

function pauseOf(db: Db, of: ReturnType<typeof subject>) {
  return pauseMandate(db, of);
}

function revokeOf(db: Db, of: ReturnType<typeof subject>) {
  return revokeMandate(db, of);
}

it("a batch whose claims and returns cancel out still collides with a close", async () => {
  const shop = await makeShop(test.db, { item: { stock: 1n, buckets: 1 } });
  const proxy = await unreliable(test.url, () => ({ delayMs: 150 }));
  onTestFinished(() => proxy.close());
  const db = openTest(proxy.url);
  onTestFinished(() => db.close());
  const kernel = startKernel(db, { lanes: 1 });
  const hold = await granted(kernel.ask(holdAsk(shop)));
  // The first ask takes the only lane; the two after it share the next batch.
  const first = kernel.ask({ kind: "extend", holdSeconds: 700, ...about(shop, hold) });
  const release = kernel.ask({ kind: "release", ...about(shop, hold) });
  const claim = kernel.ask(commitAsk(shop));
  await first;
  await until(() => proxy.counts.commits === 3);
  expect(await closeItem(test.db, subject(shop))).toMatchObject({ kind: "done" });
  const atAck = await sold(shop);
  const [released, claimed] = await Promise.all([release, claim]);
  expect(released.kind).toBe("granted");
  // On PostgreSQL the close waits for the batch; on DSQL nobody waits, and it may come before it.
  const onDsql = test.db.dialect.name === "dsql";
  expect(onDsql ? ["granted", "declined"] : ["granted"]).toContain(claimed.kind);
  expect(await sold(shop)).toBe(atAck);
  await expectProven(test.db);
});
