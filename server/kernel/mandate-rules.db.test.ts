import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import {
  commitAsk,
  makeItem,
  makeMandate,
  makeShop,
  startKernel,
  tally,
  told,
  type Shop,
} from "../testing/factories.ts";
import { look, query } from "../testing/look.ts";
import type { NewMandate } from "./openings.ts";
import type { CommitAsk } from "./types.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const hour = 3_600_000;
const stranger = "00000000-0000-4000-8000-000000000000";

interface Rule {
  readonly name: string;
  readonly mandate: Partial<NewMandate>;
  readonly ask?: Partial<Omit<CommitAsk, "kind">> & { quantity?: bigint };
  readonly says: Record<string, unknown>;
}

const rules: Rule[] = [
  {
    name: "the cap",
    mandate: { capMinor: 250n },
    ask: { quantity: 3n },
    says: { reason: "CAP", limit: 250, used: 0, asked: 300 },
  },
  {
    name: "the most that one purchase may cost",
    mandate: { purchaseMaxMinor: 99n },
    says: { reason: "PURCHASE_MAX", limit: 99, asked: 100 },
  },
  ...(["day", "week", "month"] as const).map((period) => ({
    name: `the limit of a ${period}`,
    mandate: { [`${period}LimitMinor`]: 99n },
    says: {
      reason: "PERIOD",
      period,
      limit: 99,
      used: 0,
      asked: 100,
      resetsAt: expect.any(String),
    },
  })),
  {
    name: "its merchants",
    mandate: { allowedMerchants: [stranger] },
    says: { reason: "MERCHANT" },
  },
  { name: "its items", mandate: { allowedItems: [stranger] }, says: { reason: "ITEM" } },
  { name: "its currency", mandate: { currency: "EUR" }, says: { reason: "CURRENCY" } },
  {
    name: "its start",
    mandate: { startsAtMs: Date.now() + hour },
    says: { reason: "NOT_STARTED", resetsAt: expect.any(String) },
  },
  { name: "its end", mandate: { expiresAtMs: Date.now() - hour }, says: { reason: "EXPIRED" } },
  { name: "its agent", mandate: { agentId: "another agent" }, says: { reason: "AGENT" } },
];

describe("a mandate keeps", () => {
  it.each(rules.map((rule) => [rule.name, rule] as const))(
    "%s, and the no is on record",
    async (_, rule) => {
      const { mandate, ask, says } = rule;
      const { db } = database;
      const shop = await makeShop(db, { mandate });
      const kernel = startKernel(db);
      const asked = commitAsk(shop, ask);
      const answer = await kernel.ask(asked);
      expect(told(answer)).toMatchObject({
        outcome: "DECLINED",
        failureCode: "MANDATE_REJECTED",
        replayed: false,
        ...says,
      });
      expect(told(await kernel.ask(asked))).toEqual({ ...told(answer), replayed: true });
      const seen = await look(db, shop);
      expect(seen).toMatchObject({ available: 100n, purchases: 0, answers: 1, legs: 0, events: 0 });
      await expectProven(db);
    },
  );

  it("all of them at once, and lets through what they allow", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const { mandateId } = await makeMandate(db, shop, {
      capMinor: 100n,
      purchaseMaxMinor: 100n,
      dayLimitMinor: 100n,
      weekLimitMinor: 100n,
      monthLimitMinor: 100n,
      timeZone: "Pacific/Chatham",
      allowedMerchants: [stranger, shop.merchantId],
      allowedItems: [stranger, shop.item.itemId],
      agentId: "agent",
      startsAtMs: Date.now() - hour,
      expiresAtMs: Date.now() + hour,
      duplicateWindowSeconds: 60,
    });
    const kernel = startKernel(db);
    expect((await kernel.ask(commitAsk(shop, { mandateId }))).kind).toBe("granted");
    expect(told(await kernel.ask(commitAsk(shop, { mandateId, again: true })))).toMatchObject({
      reason: "PERIOD",
      period: "day",
      used: 100,
    });
    await expectProven(db);
  });
});

describe("the duplicate window", () => {
  const windowed = () => makeShop(database.db, { mandate: { duplicateWindowSeconds: 600 } });
  const suspected = { failureCode: "MANDATE_REJECTED", reason: "DUPLICATE_SUSPECTED" };

  it("refuses the same purchase under a new key, unless the agent says that it knows", async () => {
    const { db } = database;
    const shop = await windowed();
    const kernel = startKernel(db);
    expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
    expect(told(await kernel.ask(commitAsk(shop)))).toMatchObject({
      ...suspected,
      resetsAt: expect.any(String),
    });
    expect((await kernel.ask(commitAsk(shop, { again: true }))).kind).toBe("granted");
    expect((await kernel.ask(commitAsk(shop, { quantity: 2n }))).kind).toBe("granted");
    expect((await kernel.ask(commitAsk(shop, { agentId: "another" }))).kind).toBe("granted");
    await expectProven(db);
  });

  it("lets one of many simultaneous asks through, in two processes", async () => {
    const { db } = database;
    const shop = await windowed();
    const kernels = [startKernel(db), startKernel(db)] as const;
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        kernels[index % 2 === 0 ? 0 : 1].ask(commitAsk(shop)),
      ),
    );
    const reasons = answers.map((answer) => told(answer).reason ?? "granted");
    expect(reasons.filter((reason) => reason === "granted")).toHaveLength(1);
    expect(reasons.filter((reason) => reason === suspected.reason)).toHaveLength(59);
    await expectProven(db);
  });

  it("is over when it is over", async () => {
    const { db } = database;
    const shop = await windowed();
    const kernel = startKernel(db);
    expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
    await query(
      db,
      "update recent_grants set last_at = last_at - interval '601 seconds' where tenant_id = $1",
      [shop.tenantId],
    );
    expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
    expect(told(await kernel.ask(commitAsk(shop)))).toMatchObject(suspected);
    await expectProven(db);
  });
});

/** Each is asked in its own shop with `other` as somebody else's. */
const wrongs: [
  name: string,
  wrong: (shop: Shop, other: Shop) => Partial<CommitAsk>,
  code: string,
][] = [
  ["an unknown merchant", () => ({ merchantId: stranger }), "UNKNOWN_MERCHANT"],
  ["an unknown item", () => lineOf(stranger), "UNKNOWN_ITEM"],
  ["an unknown mandate", () => ({ mandateId: stranger }), "UNKNOWN_MANDATE"],
  ["another tenant's merchant", (_, { merchantId }) => ({ merchantId }), "FORBIDDEN"],
  ["another tenant's item", (_, { item }) => lineOf(item.itemId), "FORBIDDEN"],
  ["another tenant's mandate", (_, { mandate }) => ({ mandateId: mandate.mandateId }), "FORBIDDEN"],
  ["an amount that is not the price", () => ({ amountMinor: 99n }), "AMOUNT_MISMATCH"],
  ["a currency that is not the item's", () => ({ currency: "EUR" }), "CURRENCY_MISMATCH"],
  ["no lines", () => ({ lines: [] }), "INVALID_ASK"],
  ["no units", (shop) => lineOf(shop.item.itemId, 0n), "INVALID_ASK"],
  [
    "21 lines",
    (shop) => ({ lines: Array(21).fill(lineOf(shop.item.itemId).lines[0]) }),
    "INVALID_ASK",
  ],
  ["a negative amount", () => ({ amountMinor: -1n }), "INVALID_ASK"],
  ["a currency of no form", () => ({ currency: "usd" }), "INVALID_ASK"],
  ["an id that is none", () => ({ mandateId: "1; drop table asks" }), "INVALID_ASK"],
  ["an agent with a line break", () => ({ agentId: "a\nb" }), "INVALID_ASK"],
  ["an agent with half a letter", () => ({ agentId: "a\ud800" }), "INVALID_ASK"],
  ["an agent without a name", () => ({ agentId: "" }), "INVALID_ASK"],
  [
    "an endless charge",
    () => ({ charges: [{ name: "x".repeat(256), amountMinor: 1n }] }),
    "INVALID_ASK",
  ],
];

function lineOf(itemId: string, quantity = 1n) {
  return { lines: [{ itemId, quantity }] };
}

describe("an ask that cannot be", () => {
  it.each(wrongs)(
    "for %s is refused, not recorded, and its key is free",
    async (_, wrong, code) => {
      const { db } = database;
      const [shop, other] = [await makeShop(db), await makeShop(db)];
      const kernel = startKernel(db);
      const right = commitAsk(shop);
      expect(await kernel.ask({ ...right, ...wrong(shop, other) })).toMatchObject({
        kind: "rejected",
        code,
      });
      expect(await look(db, shop)).toMatchObject({ answers: 0, purchases: 0, available: 100n });
      expect(await kernel.ask(right)).toMatchObject({ kind: "granted", replayed: false });
      await expectProven(db);
    },
  );

  it.each(["", " ", "a b", "a\n", "é", "x".repeat(256)])(
    "for its key %j is refused",
    async (key) => {
      const shop = await makeShop(database.db);
      const answer = await startKernel(database.db).ask(commitAsk(shop, { key }));
      expect(answer).toMatchObject({ kind: "rejected", code: "INVALID_ASK" });
      expect(await look(database.db, shop)).toMatchObject({ answers: 0 });
      await expectProven(database.db);
    },
  );

  it("for another merchant's item of the same tenant is refused", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const [{ merchantId } = { merchantId: "" }] = await query<{ merchantId: string }>(
      db,
      `insert into merchants (merchant_id, tenant_id, name) values (gen_random_uuid(), $1, 'second')
       returning merchant_id as "merchantId"`,
      [shop.tenantId],
    );
    const item = await makeItem(db, { ...shop, merchantId });
    const answer = await startKernel(db).ask(commitAsk(shop, lineOf(item.itemId)));
    expect(answer).toMatchObject({ kind: "rejected", code: "UNKNOWN_ITEM" });
    await expectProven(db);
  });
});

describe("a key", () => {
  it("used for another request is a conflict, and nothing is recorded of it", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const kernel = startKernel(db);
    const ask = commitAsk(shop);
    expect((await kernel.ask(ask)).kind).toBe("granted");
    for (const other of [{ agentId: "another" }, { again: true }, { quantity: 2n }]) {
      const changed = commitAsk(shop, { key: ask.key, ...other });
      expect(await kernel.ask(changed)).toEqual({ kind: "conflict" });
    }
    const hold = { ...ask, kind: "hold" as const, holdSeconds: 60 };
    expect(await kernel.ask(hold)).toEqual({ kind: "conflict" });
    expect(await look(db, shop)).toMatchObject({ answers: 1, purchases: 1 });
    await expectProven(db);
  });

  it("used for two requests at the same moment answers one of them and conflicts with the other", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const ask = commitAsk(shop);
    const other = { ...ask, agentId: "another" };
    const [one, two] = [startKernel(db), startKernel(db)];
    for (const kernel of [one, two]) {
      const key = `${kernel === one ? "one" : "two"}-${ask.key}`;
      const answers = await Promise.all([one.ask({ ...ask, key }), kernel.ask({ ...other, key })]);
      expect(tally(answers)).toEqual({ conflict: 1, granted: 1 });
    }
    await expectProven(db);
  });

  it("is not used up for another request by one that is rejected at the same moment", async () => {
    const shop = await makeShop(database.db);
    const kernel = startKernel(database.db);
    const ask = commitAsk(shop);
    const answers = [kernel.ask({ ...ask, amountMinor: 99n }), kernel.ask(ask)];
    expect((await Promise.all(answers)).map(({ kind }) => kind)).toEqual(["rejected", "granted"]);
  });

  it("and merchant of another tenant get FORBIDDEN also while the ask is under way", async () => {
    const { db } = database;
    const [shop, thief] = [await makeShop(db), await makeShop(db)];
    const kernel = startKernel(db);
    const ask = commitAsk(shop);
    const both = [kernel.ask(ask), kernel.ask({ ...ask, tenantId: thief.tenantId })];
    expect(await Promise.all(both)).toMatchObject([
      { kind: "granted" },
      { kind: "rejected", code: "FORBIDDEN" },
    ]);
  });

  it("and merchant of another tenant get FORBIDDEN, never the answer", async () => {
    const { db } = database;
    const [shop, thief] = [await makeShop(db), await makeShop(db)];
    const kernel = startKernel(db);
    const ask = commitAsk(shop);
    expect((await kernel.ask(ask)).kind).toBe("granted");
    const stolen = { ...ask, tenantId: thief.tenantId };
    expect(await kernel.ask(stolen)).toMatchObject({ kind: "rejected", code: "FORBIDDEN" });
    const guessed = { ...stolen, agentId: "another" };
    expect(await kernel.ask(guessed)).toMatchObject({ kind: "rejected", code: "FORBIDDEN" });
    const both = await Promise.all([kernel.ask(stolen), kernel.ask(commitAsk(shop, { key: "k" }))]);
    expect(both.map(({ kind }) => kind)).toEqual(["rejected", "granted"]);
    await expectProven(db);
  });
});
