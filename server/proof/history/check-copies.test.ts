import { describe, expect, it } from "vitest";
import { granted, historyOf, lineOf, mandateId, withBooks } from "../../testing/histories.ts";
import { violationsOf } from "./check.ts";
import type { History, Read, SumsRead } from "./history.ts";

const back = (op: number, inv: number, amountMinor: number) =>
  granted(op, inv, inv + 10, { asked: { kind: "refund", purchaseId: "i1", amountMinor } });

/** Two purchases of 100; of the first 30 and then 20 went back. */
const attempts = [granted(1, 0, 10), granted(2, 20, 30), back(3, 40, 30), back(4, 60, 20)];
const books = historyOf(attempts);
const [one, two] = attempts as [(typeof attempts)[0], (typeof attempts)[0]];
const base = withBooks(books, {
  lines: [lineOf(one, { version: 3 }), lineOf(two)],
  writes: undefined,
});

const found = (history: Partial<History>): string[] =>
  violationsOf({ ...base, ...history }).map(({ check, says }) => `${check} ${says}`);

const read = (version: number, inv: number, more: Partial<Read> = {}): Read => ({
  reader: 1,
  of: "purchase",
  id: "i1",
  version,
  inv,
  ret: inv + 1,
  ...more,
});
const seen = (...reads: readonly Read[]): string[] => found({ reads });

describe("C8, copies of things,", () => {
  it("may be late, and go forward", () => {
    expect(seen(read(0, 11), read(1, 12), read(1, 80), read(2, 90), read(3, 100))).toEqual([]);
  });

  it("finds a reader for whom one went back, or was gone again", () => {
    expect(seen(read(3, 70), read(2, 80))).toEqual([
      "C8 reader 1 saw version 3 of purchase i1, and then 2",
    ]);
    expect(seen(read(1, 70), read(0, 80))).toHaveLength(1);
  });

  it("does not mind another reader's, nor looks that were under way together", () => {
    expect(seen(read(3, 70), read(2, 80, { reader: 2 }))).toEqual([]);
    expect(seen(read(3, 70, { ret: 82 }), read(2, 80))).toEqual([]);
  });

  it("finds one that is ahead of the books, and one that is ahead of who asked", () => {
    expect(seen(read(4, 90))).toEqual([
      "C8 reader 1 saw version 4 of purchase i1, which had 3 at most",
    ]);
    expect(seen(read(2, 35))).toEqual([
      "C8 reader 1 saw version 2 of purchase i1, which had 1 at most",
    ]);
    expect(seen(read(3, 90, { of: "mandate", id: mandateId }))).toHaveLength(1);
  });

  it("finds one that never came to equal the books", () => {
    const wrong = [
      { name: "purchase#i1/-", says: "the books say this, and what was told is that" },
    ];
    expect(found({ copied: { documents: 9, ms: 60_000, wrong } })).toHaveLength(1);
    expect(found({ copied: { documents: 9, ms: 60, wrong: [] } })).toEqual([]);
  });
});

const sold = (sales: number, soldMinor: number, refunds = 0, refundedMinor = 0) => {
  return { sales, soldMinor, refunds, refundedMinor, holds: 0 };
};
const sum = (sums: SumsRead["sums"], asOf: number, inv: number, more: Partial<SumsRead> = {}) => ({
  reader: 3,
  from: "copies" as const,
  by: "summary" as const,
  sums,
  asOf,
  inv,
  ret: inv + 1,
  ...more,
});
const summed = (...sums: readonly SumsRead[]): string[] => found({ sums });

describe("C8, sums,", () => {
  it("have in them what they say, and may have more", () => {
    expect(summed(sum(sold(0, 0), 5, 15), sum(sold(1, 100), 15, 35))).toEqual([]);
    expect(summed(sum(sold(2, 200), 15, 35), sum(sold(2, 200, 2, 50), 71, 90))).toEqual([]);
  });

  it("find one that lacks what was acknowledged before the moment that it names", () => {
    const [first] = summed(sum(sold(1, 100), 31, 35));
    expect(first).toContain("with 1 sales, and 2 were in the books by then");
    expect(summed(sum(sold(2, 200, 1, 29), 55, 90))).toHaveLength(1);
  });

  it("find one that lacks the ask that its reader named", () => {
    expect(summed(sum(sold(1, 100), 15, 35, { after: "i2" }))).toHaveLength(2);
    expect(summed(sum(sold(2, 200), 15, 35, { after: "i2" }))).toEqual([]);
  });

  it("find one that has what nobody had asked for yet", () => {
    expect(summed(sum(sold(2, 200, 1, 30), 15, 35))).toHaveLength(2);
  });

  it("find one that goes back although it says that it is later", () => {
    const later = sum(sold(2, 200), 15, 35);
    expect(summed(later, sum(sold(1, 100), 16, 38))).toHaveLength(2);
    expect(summed(later, sum(sold(1, 100), 14, 38))).toEqual([]);
    expect(summed(later, sum(sold(1, 100), 16, 38, { reader: 4 }))).toEqual([]);
  });

  it("find one that has what it had, and not what its reader has bought since", () => {
    const before = sum(sold(1, 100), 5, 15);
    expect(summed(before, sum(sold(1, 100), 6, 35, { after: "i2" }))).toHaveLength(2);
    expect(summed(before, sum(sold(1, 100), 6, 35, { after: "i1" }))).toEqual([]);
    expect(summed(before, sum(sold(2, 200), 6, 35, { after: "i2" }))).toEqual([]);
  });

  it("find balances that lack a payment", () => {
    const balance = (payments: number) => sum({ payments }, 55, 90, { by: "balances" });
    expect(summed(balance(3))).toEqual([]);
    expect(summed(balance(2))).toHaveLength(1);
  });
});
