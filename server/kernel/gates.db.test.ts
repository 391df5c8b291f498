import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { reopen, type Db } from "../db/open.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import {
  about,
  commitAsk,
  granted,
  holdAsk,
  makeMandate,
  makeShop,
  startKernel,
  told,
  type Shop,
} from "../testing/factories.ts";
import { look, query, turnBack } from "../testing/look.ts";
import { unreliable } from "../testing/unreliable.ts";
import type { CommandResult } from "./gate.ts";
import type { Kernel } from "./gather.ts";
import { adjustStock, closeItem, openItem, reshardItem, setPrice } from "./item-commands.ts";
import {
  activateMandate,
  pauseMandate,
  reshardMandate,
  revokeMandate,
  setCap,
  setRules,
} from "./mandate-commands.ts";
import { releaseHolds } from "./release-holds.ts";
import type { Answer } from "./types.ts";

let test: TestDatabase;
let slow: Db;

/** Every COMMIT takes 15 ms, as it may across regions: the time in which transactions can collide. */
const commitMs = 15;

beforeAll(async () => {
  test = await freshDatabase();
  const proxy = await unreliable(test.url, () => ({ delayMs: commitMs }));
  slow = reopen(test.db, { name: "slow" });
  const options = { ...slow.options, url: proxy.url };
  await slow.close();
  slow = reopen({ ...slow, options }, {});
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
  const crowd = sellers(kernel, shop, price && (() => price(shop)));
  await until(() => crowd.since() > 200);
  const startedAt = performance.now();
  expect(await command(shop)).toEqual({ kind: "done" });
  const ackMs = performance.now() - startedAt;
  return { shop, kernel, ackMs, crowd, soldAtAck: await sold(shop) };
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
    expect(run.ackMs).toBeLessThan(1_000);
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
    expect(run.ackMs).toBeLessThan(1_000);
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
    expect(run.ackMs).toBeLessThan(1_000);
    await expectProven(test.db);
  });
});

function subject({ tenantId, item, mandate }: Shop) {
  return { tenantId, itemId: item.itemId, mandateId: mandate.mandateId };
}

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
  const db = reopen({ ...test.db, options: { ...test.db.options, url: proxy.url } }, {});
  onTestFinished(() => db.close());
  const kernel = startKernel(db, { lanes: 1 });
  const hold = await granted(kernel.ask(holdAsk(shop)));
  // The first ask takes the only lane; the two after it share the next batch.
  const first = kernel.ask({ kind: "extend", holdSeconds: 700, ...about(shop, hold) });
  const release = kernel.ask({ kind: "release", ...about(shop, hold) });
  const claim = kernel.ask(commitAsk(shop));
  await first;
  await until(() => proxy.counts.commits === 3);
  expect(await closeItem(test.db, subject(shop))).toEqual({ kind: "done" });
  const atAck = await sold(shop);
  const [released, claimed] = await Promise.all([release, claim]);
  expect([released.kind, claimed.kind]).toEqual(["granted", "granted"]);
  expect(await sold(shop)).toBe(atAck);
  await expectProven(test.db);
});

describe("commands", () => {
  it("a closed item opens again, a paused mandate goes on, a revoked one never", async () => {
    const shop = await makeShop(test.db);
    const kernel = startKernel(test.db);
    await closeItem(test.db, subject(shop));
    await openItem(test.db, subject(shop));
    await pauseMandate(test.db, subject(shop));
    await activateMandate(test.db, subject(shop));
    expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
    await revokeMandate(test.db, subject(shop));
    expect(await activateMandate(test.db, subject(shop))).toMatchObject({ code: "REVOKED" });
    expect(await pauseMandate(test.db, subject(shop))).toMatchObject({ code: "REVOKED" });
    expect(told(await kernel.ask(commitAsk(shop))).reason).toBe("REVOKED");
    await expectProven(test.db);
  });

  it("a hold can be captured after close and revoke, and its rest returns", async () => {
    const shop = await makeShop(test.db);
    const kernel = startKernel(test.db);
    const hold = await granted(kernel.ask(holdAsk(shop, { quantity: 3n })));
    await closeItem(test.db, subject(shop));
    await revokeMandate(test.db, subject(shop));
    const captured = await kernel.ask({ kind: "capture", quantity: 1n, ...about(shop, hold) });
    expect(told(captured)).toMatchObject({ outcome: "CAPTURED", amountMinor: 100 });
    expect(await look(test.db, shop)).toMatchObject({ available: 99n, remaining: 999_900n });
    await expectProven(test.db);
  });

  it("a revoke can give back all the mandate's holds, and be asked to again", async () => {
    const shop = await makeShop(test.db, { item: { stock: 600n } });
    const kernel = startKernel(test.db);
    await Promise.all(Array.from({ length: 520 }, () => kernel.ask(holdAsk(shop))));
    await revokeMandate(test.db, subject(shop));
    expect(await releaseHolds(kernel, test.db, subject(shop))).toBe(520);
    expect(await releaseHolds(kernel, test.db, subject(shop))).toBe(0);
    expect(await look(test.db, shop)).toMatchObject({ available: 600n, remaining: 1_000_000n });
    await expectProven(test.db);
  });

  it("what was spent counts under a limit that is set, lowered and raised in mid-period", async () => {
    const shop = await makeShop(test.db);
    const kernel = startKernel(test.db);
    const rules = (dayLimitMinor: bigint) =>
      setRules(test.db, { ...subject(shop), rules: { dayLimitMinor } });
    const old = await granted(kernel.ask(commitAsk(shop, { quantity: 8n })));
    await rules(1_000n);
    expect(told(await kernel.ask(commitAsk(shop, { quantity: 3n })))).toMatchObject({
      reason: "PERIOD",
      limit: 1_000,
      asked: 300,
    });
    expect((await kernel.ask(commitAsk(shop, { quantity: 2n }))).kind).toBe("granted");
    // Made under older rules: its refund gives the money back, but no room.
    await granted(kernel.ask({ kind: "refund", amountMinor: 800n, ...about(shop, old) }));
    expect(told(await kernel.ask(commitAsk(shop))).reason).toBe("PERIOD");
    await rules(100n);
    expect(told(await kernel.ask(commitAsk(shop))).reason).toBe("PERIOD");
    await rules(500n);
    expect((await kernel.ask(commitAsk(shop, { quantity: 3n }))).kind).toBe("granted");
    expect(told(await kernel.ask(commitAsk(shop))).reason).toBe("PERIOD");
    await reshardMandate(test.db, { ...subject(shop), buckets: 3 });
    await rules(600n);
    expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
    expect(told(await kernel.ask(commitAsk(shop))).reason).toBe("PERIOD");
    await expectProven(test.db);
  });

  it("a command that makes no sense is refused in words and changes nothing", async () => {
    const shop = await makeShop(test.db);
    const kernel = startKernel(test.db);
    await granted(kernel.ask(commitAsk(shop, { quantity: 2n })));
    const of = subject(shop);
    const strange = { ...of, tenantId: of.itemId };
    const unknown = { ...of, itemId: of.tenantId, mandateId: of.tenantId };
    const before = await look(test.db, shop);
    const answers = await Promise.all([
      closeItem(test.db, strange),
      revokeMandate(test.db, strange),
      closeItem(test.db, unknown),
      revokeMandate(test.db, unknown),
      setPrice(test.db, { ...of, priceMinor: 2n ** 53n }),
      adjustStock(test.db, { ...of, quantity: -99n, reason: "too many" }),
      adjustStock(test.db, { ...of, quantity: 0n, reason: "nothing" }),
      adjustStock(test.db, { ...of, quantity: 1n, reason: "" }),
      reshardItem(test.db, { ...of, buckets: 257 }),
      reshardMandate(test.db, { ...of, buckets: 0 }),
      setCap(test.db, { ...of, capMinor: 199n }),
      setRules(test.db, { ...of, rules: { timeZone: "Mars/Olympus" } }),
    ]);
    expect(answers.map((answer) => ("code" in answer ? answer.code : answer.kind))).toEqual([
      "FORBIDDEN",
      "FORBIDDEN",
      "UNKNOWN_ITEM",
      "UNKNOWN_MANDATE",
      "INVALID_COMMAND",
      "NOT_ENOUGH_STOCK",
      "INVALID_COMMAND",
      "INVALID_COMMAND",
      "INVALID_COMMAND",
      "INVALID_COMMAND",
      "CAP_BELOW_SPENT",
      "INVALID_COMMAND",
    ]);
    expect(await look(test.db, shop)).toEqual(before);
    expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
    await expectProven(test.db);
  });

  it("a flag whose process died stops nobody for longer than it lasts", async () => {
    const shop = await makeShop(test.db);
    const kernel = startKernel(test.db, { askDeadlineMs: 300 });
    await query(
      test.db,
      "update pools set gate = 'reshard', gate_until = now() + interval '1 hour' where item_id = $1",
      [shop.item.itemId],
    );
    expect(["exhausted", "unknown"]).toContain((await kernel.ask(commitAsk(shop))).kind);
    await query(test.db, "update pools set gate_until = now() where item_id = $1", [
      shop.item.itemId,
    ]);
    expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
  });
});

it("an expired hold behind another mandate's gate makes a claim wait, not a decline for ever", async () => {
  const shop = await makeShop(test.db, { item: { stock: 1n, buckets: 1 } });
  const other = { ...shop, mandate: await makeMandate(test.db, shop) };
  const kernel = startKernel(test.db);
  const hold = await granted(kernel.ask(holdAsk(other, { holdSeconds: 60 })));
  await turnBack(test.db, [hold], "2 minutes");
  await query(
    test.db,
    "update mandates set gate = 'cap', gate_until = now() + interval '400 ms' where mandate_id = $1",
    [other.mandate.mandateId],
  );
  expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
  await expectProven(test.db);
});
