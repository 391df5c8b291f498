import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sumOf } from "../base/metrics.ts";

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
  tally,
  told,
} from "../testing/factories.ts";
import { look, query, turnBack } from "../testing/look.ts";
import type { Ask } from "./types.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

async function stateOf(purchaseId: string): Promise<string> {
  const [row] = await query<{ state: string }>(
    database.db,
    "select string_agg(distinct state, ' ') as state from purchases where purchase_id = $1",
    [purchaseId],
  );
  return row?.state ?? "nowhere";
}

async function legKinds(purchaseId: string): Promise<string[]> {
  const rows = await query<{ kind: string }>(
    database.db,
    "select kind from ledger_entries where purchase_id = $1 group by kind, txn_id order by kind",
    [purchaseId],
  );
  return rows.map(({ kind }) => kind);
}

describe("a hold", () => {
  it("takes units and money, and its capture settles all of it once", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const kernel = startKernel(db);
    const purchaseId = await granted(kernel.ask(holdAsk(shop, { quantity: 5n })));
    expect(await look(db, shop)).toMatchObject({ available: 95n, remaining: 999_500n, legs: 2 });
    const captured = await kernel.ask({ kind: "capture", ...about(shop, purchaseId) });
    expect(told(captured)).toMatchObject({ outcome: "CAPTURED", amountMinor: 500 });
    expect(await look(db, shop)).toMatchObject({ available: 95n, remaining: 999_500n, legs: 4 });
    const again = await kernel.ask({ kind: "capture", ...about(shop, purchaseId) });
    expect(told(again)).toMatchObject({ failureCode: "ALREADY_SETTLED", reason: "CAPTURED" });
    const release = await kernel.ask({ kind: "release", ...about(shop, purchaseId) });
    expect(told(release)).toMatchObject({ failureCode: "ALREADY_SETTLED", reason: "CAPTURED" });
    await expectProven(db);
  });

  it("captured in part gives the rest back, charges excepted", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const kernel = startKernel(db);
    const charges = [{ name: "shipping", amountMinor: 30n }];
    const ask = holdAsk(shop, { quantity: 5n, charges, amountMinor: 530n });
    const purchaseId = await granted(kernel.ask(ask));
    const capture = { kind: "capture", ...about(shop, purchaseId) } as const;
    expect(await kernel.ask({ ...capture, quantity: 6n })).toMatchObject({ code: "INVALID_ASK" });
    expect(told(await kernel.ask({ ...capture, quantity: 2n }))).toMatchObject({
      amountMinor: 230,
    });
    expect(await look(db, shop)).toMatchObject({ available: 98n, remaining: 999_770n });
    await expectProven(db);
  });

  it("is not captured in a part that costs less than its discount", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const kernel = startKernel(db);
    const charges = [{ name: "discount", amountMinor: -150n }];
    const ask = holdAsk(shop, { quantity: 3n, charges, amountMinor: 150n });
    const capture = { kind: "capture", ...about(shop, await granted(kernel.ask(ask))) } as const;
    expect(await kernel.ask({ ...capture, quantity: 1n })).toMatchObject({ code: "INVALID_ASK" });
    expect(told(await kernel.ask({ ...capture, quantity: 2n }))).toMatchObject({ amountMinor: 50 });
    await expectProven(db);
  });

  it("released gives all of it back, once", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const kernel = startKernel(db);
    const purchaseId = await granted(kernel.ask(holdAsk(shop, { quantity: 5n })));
    await granted(kernel.ask({ kind: "release", ...about(shop, purchaseId) }));
    expect(await look(db, shop)).toMatchObject({ available: 100n, remaining: 1_000_000n });
    for (const kind of ["release", "capture"] as const) {
      const more = await kernel.ask({ kind, ...about(shop, purchaseId) });
      expect(told(more)).toMatchObject({ failureCode: "ALREADY_SETTLED", reason: "RELEASED" });
    }
    expect(await legKinds(purchaseId)).toEqual(["hold", "release"]);
    await expectProven(db);
  });

  it("extended lives longer, and never shorter than it would have", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const kernel = startKernel(db);
    const first = await kernel.ask(holdAsk(shop, { holdSeconds: 100 }));
    const extend = { kind: "extend", ...about(shop, told(first).intentId) } as const;
    const longer = told(await kernel.ask({ ...extend, holdSeconds: 500 }));
    expect(Date.parse(longer.expiresAt ?? "")).toBeGreaterThan(
      Date.parse(told(first).expiresAt ?? ""),
    );
    const shorter = told(await kernel.ask({ ...extend, key: "shorter", holdSeconds: 1 }));
    expect(shorter).toMatchObject({ outcome: "EXTENDED", expiresAt: longer.expiresAt });
    expect(await look(db, shop)).toMatchObject({ legs: 2, available: 99n });
    await expectProven(db);
  });

  it("at its end can be neither captured nor extended, but still released", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const kernel = startKernel(db);
    const purchaseId = await granted(kernel.ask(holdAsk(shop, { holdSeconds: 600 })));
    await turnBack(db, [purchaseId], "600 seconds");
    const subject = about(shop, purchaseId);
    for (const ask of [
      { kind: "capture", ...subject },
      { kind: "extend", ...subject, key: "extend", holdSeconds: 60 },
    ] as const) {
      expect(told(await kernel.ask(ask))).toMatchObject({ failureCode: "HOLD_EXPIRED" });
    }
    expect(await stateOf(purchaseId)).toBe("held");
    await granted(kernel.ask({ kind: "release", ...subject, key: "release" }));
    expect(await stateOf(purchaseId)).toBe("released");
    await expectProven(db);
  });

  it("of another tenant or merchant is nobody else's to settle", async () => {
    const { db } = database;
    const [shop, other] = [await makeShop(db), await makeShop(db)];
    const kernel = startKernel(db);
    const purchaseId = await granted(kernel.ask(holdAsk(shop)));
    for (const kind of ["capture", "release"] as const) {
      const stolen = await kernel.ask({ kind, ...about(other, purchaseId) });
      expect(stolen).toMatchObject({ kind: "rejected", code: "FORBIDDEN" });
    }
    const nowhere = about(shop, "00000000-0000-4000-8000-000000000000");
    expect(await kernel.ask({ kind: "capture", ...nowhere })).toMatchObject({
      code: "UNKNOWN_PURCHASE",
    });
    expect(await stateOf(purchaseId)).toBe("held");
    expect(await look(db, shop)).toMatchObject({ answers: 1 });
    await expectProven(db);
  });
});

describe("a claim that cannot be filled", () => {
  it("takes back what expired, more than a look's worth, to the mandates that held it", async () => {
    const { db } = database;
    const shop = await makeShop(db, { item: { stock: 120n, buckets: 4 } });
    const other = await makeMandate(db, shop);
    const kernel = startKernel(db);
    const holds = await Promise.all(
      Array.from({ length: 120 }, (_, index) => {
        const mandateId = index % 2 === 0 ? shop.mandate.mandateId : other.mandateId;
        return granted(kernel.ask(holdAsk(shop, { mandateId })));
      }),
    );
    expect(told(await kernel.ask(commitAsk(shop)))).toMatchObject({ reason: "SOLD_OUT" });
    await turnBack(db, holds.slice(0, 110), "601 seconds");
    const before = await sumOf(db.metrics.expiredHoldsReleased);
    const tooMany = await kernel.ask(commitAsk(shop, { quantity: 111n }));
    expect(told(tooMany)).toMatchObject({ reason: "SOLD_OUT", limit: 110 });
    await granted(kernel.ask(commitAsk(shop, { quantity: 110n })));
    expect(await sumOf(db.metrics.expiredHoldsReleased)).toBe(before + 110);
    expect(await look(db, shop)).toMatchObject({
      available: 0n,
      remaining: 1_000_000n - 500n - 11_000n,
    });
    expect(await look(db, { ...shop, mandate: other })).toMatchObject({ remaining: 999_500n });
    const states = await Promise.all(
      [holds[0], holds[109], holds[110]].map((id) => stateOf(id ?? "")),
    );
    expect(states).toEqual(["expired", "expired", "held"]);
    expect(await legKinds(holds[0] ?? "")).toEqual(["expire", "hold"]);
    await expectProven(db);
  });

  it("takes back as many looks' worth of expired holds as it needs, and no more", async () => {
    const { db } = database;
    const shop = await makeShop(db, { item: { stock: 120n, buckets: 4 } });
    const kernel = startKernel(db);
    const holds = await Promise.all(
      Array.from({ length: 120 }, () => granted(kernel.ask(holdAsk(shop)))),
    );
    await turnBack(db, holds, "601 seconds");
    await granted(kernel.ask(commitAsk(shop)));
    expect(await look(db, shop)).toMatchObject({ available: 49n });
    await granted(kernel.ask(commitAsk(shop, { quantity: 60n })));
    expect(await look(db, shop)).toMatchObject({ available: 39n });
    await expectProven(db);
  });

  it("for money takes back the mandate's expired holds of other items", async () => {
    const { db } = database;
    const shop = await makeShop(db, { mandate: { capMinor: 300n } });
    const kernel = startKernel(db);
    const held = await granted(kernel.ask(holdAsk(shop, { quantity: 3n })));
    expect(told(await kernel.ask(commitAsk(shop)))).toMatchObject({ reason: "CAP", used: 300 });
    await turnBack(db, [held], "601 seconds");
    await granted(kernel.ask(commitAsk(shop)));
    expect(await look(db, shop)).toMatchObject({ remaining: 200n, available: 99n });
    await expectProven(db);
  });

  it("waits for more expired holds than one transaction gives back", async () => {
    const { db } = database;
    const shop = await makeShop(db, { item: { stock: 450n } });
    const kernel = startKernel(db);
    const holds = Array.from({ length: 450 }, () => granted(kernel.ask(holdAsk(shop))));
    await query(db, "update purchases set expires_at = now() where purchase_id = any($1)", [
      await Promise.all(holds),
    ]);
    await granted(kernel.ask(commitAsk(shop, { quantity: 450n })));
    await expectProven(db);
  });

  it("for room under a limit looks past expired holds that give none back", async () => {
    const { db } = database;
    const shop = await makeShop(db, { item: { stock: 200n }, mandate: { dayLimitMinor: 6_000n } });
    const { mandateId } = shop.mandate;
    const kernel = startKernel(db);
    const hold = () => granted(kernel.ask(holdAsk(shop)));
    const older = await Promise.all(Array.from({ length: 60 }, hold));
    await turnBack(db, older, "1 day");
    await query(
      db,
      "update mandate_buckets set day_start = day_start - interval '1 day' where mandate_id = $1",
      [mandateId],
    );
    const today = await Promise.all(Array.from({ length: 60 }, hold));
    await query(db, "update purchases set expires_at = now() where purchase_id = any($1)", [today]);
    await granted(kernel.ask(commitAsk(shop)));
    await expectProven(db);
  });
});

it("capture, release, extend and expiry in one race leave one final state and its legs once", async () => {
  const { db } = database;
  const shop = await makeShop(db, { item: { stock: 30n, buckets: 3 } });
  const kernels = [startKernel(db), startKernel(db)] as const;
  const holds = await Promise.all(
    Array.from({ length: 30 }, () => granted(kernels[0].ask(holdAsk(shop)))),
  );
  // Half of them are past their time: claims race to expire those.
  await turnBack(db, holds.slice(15), "601 seconds");
  const asks: Ask[] = holds.flatMap((purchaseId): Ask[] => [
    { kind: "capture", ...about(shop, purchaseId) },
    { kind: "release", ...about(shop, purchaseId) },
    { kind: "capture", ...about(shop, purchaseId) },
    { kind: "extend", ...about(shop, purchaseId), holdSeconds: 60 },
    commitAsk(shop),
  ]);
  const answers = await Promise.all(
    asks.map((ask, index) => kernels[index % 2 === 0 ? 0 : 1].ask(ask)),
  );
  expect(answers.filter(({ kind }) => kind !== "granted" && kind !== "declined")).toEqual([]);
  const sold = answers.filter(
    (answer, index) => answer.kind === "granted" && asks[index]?.kind === "commit",
  );
  const finals = await Promise.all(holds.map((purchaseId) => stateOf(purchaseId)));
  const kinds = await Promise.all(holds.map((purchaseId) => legKinds(purchaseId)));
  const settledBy: Record<string, string> = {
    settled: "capture",
    released: "release",
    expired: "expire",
  };
  finals.forEach((state, index) => {
    const end = settledBy[state];
    expect(new Set(kinds[index])).toEqual(new Set(end ? ["hold", end] : ["hold"]));
    expect(kinds[index]).toHaveLength(end ? 2 : 1);
    const about = answers.filter((answer, at) => {
      const ask = asks[at];
      const subject = ask && "purchaseId" in ask && ask.purchaseId === holds[index];
      return subject && answer.kind === "granted" && ask.kind !== "extend";
    });
    expect(about).toHaveLength(state === "settled" || state === "released" ? 1 : 0);
  });
  const gone = finals.filter((state) => state === "settled" || state === "held").length;
  expect(await look(db, shop)).toMatchObject({ available: 30n - BigInt(gone + sold.length) });
  expect(tally(answers)["granted"]).toBeGreaterThan(0);
  await expectProven(db);
});

it("an ask that is refused for what it names takes back nothing that another tenant holds", async () => {
  const { db } = database;
  const [shop, other] = [await makeShop(db, { item: { stock: 3n } }), await makeShop(db)];
  const kernel = startKernel(db);
  const held = await granted(kernel.ask(holdAsk(shop)));
  await turnBack(db, [held], "601 seconds");
  const before = await look(db, shop);
  const { tenantId, merchantId, mandate } = other;
  const asks = [
    commitAsk(shop, { quantity: 3n, tenantId }),
    commitAsk(shop, { quantity: 3n, tenantId, merchantId }),
    commitAsk(shop, { quantity: 3n, tenantId, merchantId, mandateId: mandate.mandateId }),
  ];
  for (const ask of asks) expect(await kernel.ask(ask)).toMatchObject({ code: "FORBIDDEN" });
  expect(await stateOf(held)).toBe("held");
  expect(await look(db, shop)).toEqual(before);
  await granted(kernel.ask(commitAsk(shop, { quantity: 3n })));
  expect(await stateOf(held)).toBe("expired");
});
