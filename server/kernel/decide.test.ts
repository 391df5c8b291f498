import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomBatch, type Batch } from "../testing/random-batch.ts";
import { sumsAfter, TallyBooks } from "../testing/tally-books.ts";
import { constraintsOf } from "./constraints.ts";
import { decide } from "./decide.ts";
import type { Facts } from "./facts.ts";
import type { Plan } from "./plan.ts";
import type { Decision } from "./types.ts";

/** Every batch, its decisions and its plan; a failing one is shrunk to a small one. */
function holdsForEveryBatch(
  check: (batch: Batch, decided: ReturnType<typeof decide>) => void,
): void {
  const batches = fc.gen().map((value) => randomBatch((min, max) => value(integerOf, min, max)));
  fc.assert(
    fc.property(batches, (batch) => check(batch, decide(batch.entries, batch.facts, 1))),
    { numRuns: 1_000 },
  );
}

const integers = new Map<string, fc.Arbitrary<number>>();
function integerOf(min: number, max: number): fc.Arbitrary<number> {
  const name = `${min} ${max}`;
  let made = integers.get(name);
  if (!made) integers.set(name, (made = fc.integer({ min, max })));
  return made;
}

const grantOf = (decision: Decision | undefined) =>
  decision?.kind === "granted" ? decision : undefined;
const toldOf = (decision: Decision) =>
  ("text" in decision ? JSON.parse(decision.text) : {}) as Record<string, unknown>;
const textOf = (value: unknown) =>
  JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === "bigint") return `${one}n`;
    return one instanceof Map ? [...one] : one;
  });

describe("for every batch and all facts, decide", () => {
  it("conserves units, money and room to the last one, and leaves none below zero", () => {
    holdsForEveryBatch(({ entries, facts }, { decisions, plan }) => {
      const books = new TallyBooks(facts);
      entries.forEach(({ ask }, index) => grantOf(decisions[index]) && books.grant(ask));
      const after = sumsAfter(facts, plan);
      expect(after.units).toEqual(books.units);
      expect(after.purses).toEqual(books.purses);
      const rooms = plan.mandates.flatMap((row) =>
        Object.values(row.rooms).map(({ leftMinor }) => leftMinor),
      );
      const amounts = [
        ...plan.stock.map(({ available }) => available),
        ...plan.mandates.map(({ remainingMinor }) => remainingMinor),
        ...rooms,
      ];
      expect(amounts.filter((amount) => amount < 0n)).toEqual([]);
    });
  });

  it("declines for stock, room or money only what the sum cannot fill, and grants only what it can", () => {
    holdsForEveryBatch(({ entries, facts }, { decisions }) => {
      const books = new TallyBooks(facts);
      decisions.forEach((decision, index) => {
        const { ask } = entries[index] as Batch["entries"][number];
        if ("mandateId" in ask) {
          const { reason, period } = toldOf(decision);
          const said = period === undefined ? reason : `${reason as string} ${period as string}`;
          const short = books.shortOf(ask);
          if (decision.kind === "granted") expect(short).toBeUndefined();
          else if (/^(SOLD_OUT|PERIOD|CAP)/.test(String(said))) expect(said).toBe(short);
        }
        if (decision.kind === "granted") books.grant(ask);
      });
    });
  });

  it("is explained by constraints whose arithmetic says the same, and as the decline says it", () => {
    holdsForEveryBatch(({ entries, facts }) => {
      for (const entry of entries) {
        const { ask } = entry;
        if (!("mandateId" in ask)) continue;
        const [decision] = decide([entry], { ...facts, recalled: new Map() }, 1).decisions;
        if (decision?.kind !== "granted" && decision?.kind !== "declined") continue;
        const rows = constraintsOf(facts, ask, decision);
        const short = rows.find(({ left }) => left !== undefined && left < 0n);
        const binding = rows.find(({ state }) => state === "BINDING");
        expect(binding === undefined).toBe(decision.kind === "granted");
        if (binding === undefined) expect(short).toBeUndefined();
        if (binding?.left !== undefined) expect(short).toBe(binding);
        const { reason, limit, used, asked } = toldOf(decision);
        if (binding === undefined) continue;
        expect(binding.reason).toBe(reason);
        if (limit !== undefined) {
          const { limit: most, used: gone, asked: wanted } = binding;
          const told = [most, reason === "SOLD_OUT" ? undefined : gone, wanted].map((one) =>
            one === undefined ? undefined : Number(one),
          );
          expect(told).toEqual([limit, used, asked]);
        }
      }
    });
  });

  it("books legs that balance, and of each grant exactly its own", () => {
    holdsForEveryBatch(({ entries, facts }, { decisions, plan }) => {
      const txns = Map.groupBy(plan.legs, ({ txnId }) => txnId);
      for (const legs of txns.values()) {
        expect(legs.reduce((total, { amountMinor }) => total + amountMinor, 0n)).toBe(0n);
        expect(new Set(legs.map(({ purchaseId }) => purchaseId)).size).toBe(1);
        expect(legs.map(({ leg }) => leg)).toEqual(legs.map((_, index) => index));
      }
      const granted = entries.filter((_, index) => grantOf(decisions[index]));
      const booking = granted.filter(({ ask }) => ask.kind !== "extend").map(({ id }) => id);
      const expiries = facts.expired.map(({ txnId }) => txnId);
      expect([...txns.keys()].toSorted()).toEqual([...booking, ...expiries].toSorted());
      for (const { ask, id } of granted) {
        if (!("mandateId" in ask)) continue;
        const [from, to] = txns.get(id) ?? [];
        expect(from).toMatchObject({ account: "MANDATE_RESERVED", amountMinor: -ask.amountMinor });
        expect(to).toMatchObject({ ownerId: ask.merchantId, amountMinor: ask.amountMinor });
      }
    });
  });

  it("stores one answer for each yes and each no, announces each yes, and nothing of the rest", () => {
    holdsForEveryBatch(({ entries, facts }, { decisions, plan }) => {
      const kindsOf = (...kinds: string[]) =>
        entries
          .filter((_, index) => kinds.includes(decisions[index]?.kind ?? ""))
          .map(({ id }) => id);
      expect(plan.answers.map(({ askId }) => askId)).toEqual(kindsOf("granted", "declined"));
      const told = decisions.flatMap((decision) => ("text" in decision ? [decision.text] : []));
      expect(plan.answers.map(({ text }) => text)).toEqual(told);
      const events = plan.events.map(({ eventId }) => eventId).toSorted();
      const expiries = facts.expired.map(({ txnId }) => txnId);
      expect(events).toEqual([...kindsOf("granted"), ...expiries].toSorted());
      const sales = entries.filter(
        ({ ask }, index) => "mandateId" in ask && grantOf(decisions[index]),
      );
      const made = new Set(plan.newLines.map(({ purchaseId }) => purchaseId));
      expect([...made]).toEqual(sales.map(({ id }) => id));
    });
  });

  it("writes a bucket of each item and of the mandate for every sale, and moves every version up", () => {
    holdsForEveryBatch(({ entries, facts }, { decisions, plan }) => {
      const stock = new Set(plan.stock.map(({ poolId }) => poolId));
      const money = new Set(plan.mandates.map(({ mandateId }) => mandateId));
      entries.forEach(({ ask }, index) => {
        if (!grantOf(decisions[index]) || !("mandateId" in ask)) return;
        expect(money).toContain(ask.mandateId);
        for (const { itemId } of ask.lines)
          expect(stock).toContain(facts.items.get(itemId)?.poolId);
      });
      expectVersionsMoveUp(facts, plan);
    });
  });

  it("never writes to its facts, and says the same when it is asked again", () => {
    holdsForEveryBatch(({ entries, facts }, decided) => {
      const before = textOf(facts);
      freeze(facts);
      expect(textOf(decide(entries, facts, 1))).toBe(textOf(decided));
      expect(textOf(facts)).toBe(before);
    });
  });

  it("meets all of its answers in these tests", () => {
    const seen = new Set<string>();
    holdsForEveryBatch((_, { decisions }) => {
      for (const decision of decisions) {
        const { outcome = decision.kind, reason = "" } = toldOf(decision);
        seen.add(`${outcome as string} ${reason as string}`.trim());
      }
    });
    const outcomes = ["COMMITTED", "HELD", "CAPTURED", "EXTENDED", "RELEASED", "REFUNDED"];
    const reasons = [
      "SOLD_OUT",
      "PERIOD",
      "CAP",
      "PURCHASE_MAX",
      "DUPLICATE_SUSPECTED",
      "HOLD_EXPIRED",
    ];
    const more = [
      "ITEM_CLOSED",
      "PAUSED",
      "CAPTURED",
      "RELEASED",
      "NOT_SETTLED",
      "OVER_REFUND",
      "OVER_RETURN",
    ];
    const declines = [...reasons, ...more].map((reason) => `DECLINED ${reason}`);
    const others = ["recalled", "conflict", "rejected"];
    expect([...seen]).toEqual(expect.arrayContaining([...outcomes, ...declines, ...others]));
  });
});

function expectVersionsMoveUp(facts: Facts, plan: Plan): void {
  const named = (id: string, bucket: number) => `${id}:${bucket}`;
  const known = new Map<string, bigint>();
  for (const { poolId, loaded } of facts.pools.values()) {
    for (const { bucket, version } of loaded) known.set(named(poolId, bucket), version);
  }
  for (const { mandateId, loaded } of facts.mandates.values()) {
    for (const { bucket, version } of loaded) known.set(named(mandateId, bucket), version);
  }
  for (const [purchaseId, lines] of facts.purchases) {
    for (const { line, version } of lines) known.set(named(purchaseId, line), version);
  }
  const written = [
    ...plan.stock.map((row) => ({ ...row, name: named(row.poolId, row.bucket) })),
    ...plan.mandates.map((row) => ({ ...row, name: named(row.mandateId, row.bucket) })),
    ...plan.changedLines.map(({ line, versionBefore }) => {
      return { name: named(line.purchaseId, line.line), version: line.version, versionBefore };
    }),
  ];
  expect(new Set(written.map(({ name }) => name)).size).toBe(written.length);
  for (const { name, version, versionBefore } of written) {
    expect(versionBefore).toBe(known.get(name));
    expect(version > versionBefore).toBe(true);
  }
}

function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  if (value instanceof Map) for (const one of value.values()) freeze(one);
  else Object.values(Object.freeze(value)).forEach((one) => freeze(one));
}
