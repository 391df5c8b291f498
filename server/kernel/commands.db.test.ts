import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Db } from "../db/open.ts";
import { freshDatabase, openTest, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import {
  about,
  commitAsk,
  granted,
  holdAsk,
  makeItem,
  makeMandate,
  makeShop,
  startKernel,
  subject,
  told,
} from "../testing/factories.ts";
import { look, query, turnBack } from "../testing/look.ts";
import type { Beside } from "./gate.ts";
import { adjustStock, closeItem, openItem, reshardItem, setPrice } from "./item-commands.ts";
import {
  activateMandate,
  pauseMandate,
  reshardMandate,
  revokeMandate,
  setCap,
  setRules,
  topUp,
} from "./mandate-commands.ts";
import { releaseHolds } from "./release-holds.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await freshDatabase();
});
afterAll(() => test.close());

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

  it("a revoke gives back a hold also when somebody used up the key that it would do it with", async () => {
    const shop = await makeShop(test.db);
    const kernel = startKernel(test.db);
    const hold = await granted(kernel.ask(holdAsk(shop, { quantity: 3n })));
    await granted(kernel.ask(commitAsk(shop, { key: `release-${hold}` })));
    await revokeMandate(test.db, subject(shop));
    expect(await releaseHolds(kernel, test.db, subject(shop))).toBe(1);
    expect(await look(test.db, shop)).toMatchObject({ available: 99n, remaining: 999_900n });
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
      setRules(test.db, { ...of, rules: { timeZone: "+01:00" } }),
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
      "INVALID_COMMAND",
    ]);
    expect(await look(test.db, shop)).toEqual(before);
    expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
    await expectProven(test.db);
  });

  it("a flag that nobody lowers makes who asks wait for as long as it lasts", async () => {
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

  it.each(["item", "mandate"] as const)(
    "the flag whose process died, on the %s, is over before anybody gives up, a buyer or the next command",
    async (noun) => {
      const shop = await makeShop(test.db);
      const dying = openTest(test.url);
      // As a process that is killed between its two commits: it cannot lower its flag either.
      const dies = async (): Promise<never> => {
        void dying.close();
        throw new Error("it died");
      };
      const of = subject(shop);
      const command = (db: Db, beside?: Beside) =>
        noun === "item"
          ? adjustStock(db, { ...of, quantity: 1n, reason: "found" }, beside)
          : setCap(db, { ...of, capMinor: 900_000n }, beside);
      const died = command(dying, { recall: dies, write: dies }).catch(() => "died");
      expect(await died).toBe("died");
      const find = `select gate from ${noun === "item" ? "pools" : "mandates"} where ${noun}_id = $1`;
      const id = noun === "item" ? of.itemId : of.mandateId;
      expect(await query(test.db, find, [id])).toEqual([
        { gate: noun === "item" ? "adjust" : "cap" },
      ]);
      const next = command(test.db);
      expect((await startKernel(test.db).ask(commitAsk(shop))).kind).toBe("granted");
      expect(await next).toMatchObject({ kind: "done" });
      await expectProven(test.db);
    },
  );

  it("a reshard and a new cap leave what is spent under a limit as it is", async () => {
    const shop = await makeShop(test.db, { mandate: { dayLimitMinor: 1_000n, buckets: 4 } });
    const kernel = startKernel(test.db);
    await granted(kernel.ask(commitAsk(shop, { quantity: 8n })));
    const of = subject(shop);
    for (const command of [
      () => reshardMandate(test.db, { ...of, buckets: 7 }),
      () => reshardMandate(test.db, { ...of, buckets: 2 }),
      () => setCap(test.db, { ...of, capMinor: 900_000n }),
      () => topUp(test.db, { ...of, amountMinor: 5n }),
    ]) {
      expect(await command()).toMatchObject({ kind: "done" });
      const more = told(await kernel.ask(commitAsk(shop, { quantity: 3n })));
      expect(more).toMatchObject({ reason: "PERIOD", limit: 1_000, used: 800 });
      await expectProven(test.db);
    }
    await granted(kernel.ask(commitAsk(shop, { quantity: 2n })));
  });

  it("what is held counts under a limit that is set, and comes back as money alone", async () => {
    const shop = await makeShop(test.db, { mandate: { dayLimitMinor: 1_000n } });
    const kernel = startKernel(test.db);
    const held = await granted(kernel.ask(holdAsk(shop, { quantity: 6n })));
    await setRules(test.db, { ...subject(shop), rules: { dayLimitMinor: 700n } });
    const two = () => kernel.ask(commitAsk(shop, { quantity: 2n }));
    expect(told(await two())).toMatchObject({ reason: "PERIOD", limit: 700, used: 600 });
    await granted(kernel.ask({ kind: "release", ...about(shop, held) }));
    expect(told(await two())).toMatchObject({ reason: "PERIOD", limit: 700, used: 600 });
    await expectProven(test.db);
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

it.each([
  ["the cap", { capMinor: 100n }],
  ["a limit", { dayLimitMinor: 100n }],
])(
  "an expired hold that would fill %s, behind another item's gate, makes a claim wait",
  async (_, mandate) => {
    const shop = await makeShop(test.db, { mandate });
    const other = { ...shop, item: await makeItem(test.db, shop) };
    const kernel = startKernel(test.db);
    const hold = await granted(kernel.ask(holdAsk(other)));
    await query(test.db, "update purchases set expires_at = now() where purchase_id = $1", [hold]);
    await query(
      test.db,
      "update pools set gate = 'adjust', gate_until = now() + interval '400 ms' where item_id = $1",
      [other.item.itemId],
    );
    expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
    await expectProven(test.db);
  },
);
