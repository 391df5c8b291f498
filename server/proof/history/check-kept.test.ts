import { describe, expect, it } from "vitest";
import {
  buying,
  commanded,
  found,
  granted,
  historyOf,
  itemId,
  lineOf,
  mandateId,
  withBooks,
} from "../../testing/histories.ts";
import type { Attempt, History } from "./history.ts";

/** Without a witness: what the books and the records alone must show. */
const bare = (attempts: readonly Attempt[], more: Partial<History> = {}): History =>
  withBooks(historyOf(attempts, more), { writes: undefined });
const declined = (at: readonly [number, number], reason: string, asked: Attempt["asked"]) =>
  granted(2, at[0], at[1], {
    asked,
    what: "declined",
    said: `{"outcome":"DECLINED","reason":"${reason}"`,
  });

const hold = granted(1, 0, 10, { asked: buying(1, 3, "hold") });
const capture = (quantity?: number): Attempt["asked"] => ({
  kind: "capture",
  purchaseId: "i1",
  ...(quantity !== undefined && { quantity }),
});

describe("C1, what was said to be done,", () => {
  const settled = (units: number): Partial<History["books"]> => ({
    lines: [lineOf(hold, { state: "settled", settledQuantity: units, settledMinor: units * 100 })],
  });

  it("finds a capture of another part than was asked for", () => {
    const part = bare([hold, granted(2, 20, 30, { asked: capture(2) })]);
    expect(found(withBooks(part, settled(2)))).toEqual([]);
    expect(found(withBooks(part, settled(3)))).toEqual(["C1"]);
    const whole = bare([hold, granted(2, 20, 30, { asked: capture() })]);
    expect(found(withBooks(whole, settled(3)))).toEqual([]);
    expect(found(withBooks(whole, settled(2)))).toEqual(["C1"]);
  });

  it("finds an acknowledged restock that moved nothing", () => {
    const restock = { kind: "restock", itemId, quantity: 5 } as const;
    expect(found(bare([], { commands: [commanded("c1", restock, [0, 1])] }))).toEqual(["C1"]);
    const doubted = commanded("c1", restock, [0, 1], { outcome: "info", what: "unknown" });
    expect(found(bare([], { commands: [doubted] }))).toEqual([]);
  });

  it("finds a top-up that is gone, and one that counts twice", () => {
    const topUp = { kind: "topUp", mandateId, amountMinor: 50 } as const;
    const capped = (capMinor: number, outcome: "ok" | "info"): string[] => {
      const history = bare([], { commands: [commanded("c1", topUp, [0, 1], { outcome })] });
      return found(withBooks(history, { caps: new Map([[mandateId, capMinor]]) }));
    };
    expect(capped(100_050, "ok")).toEqual([]);
    expect(capped(100_000, "ok")).toEqual(["C1"]);
    expect(capped(100_100, "ok")).toEqual(["C3"]);
    expect(capped(100_000, "info")).toEqual([]);
    expect(capped(100_050, "info")).toEqual([]);
  });
});

describe("C7, a hold,", () => {
  const extended = granted(3, 50_000, 50_010, {
    asked: { kind: "extend", purchaseId: "i1", holdSeconds: 60 },
  });

  it("is not called over before its end, which an extension moves", () => {
    const over = (at: number): Attempt => declined([at, at + 10], "HOLD_EXPIRED", capture());
    expect(found(bare([hold, over(60_000)]))).toEqual([]);
    expect(found(bare([hold, over(30_000)]))).toEqual(["C7"]);
    expect(found(bare([hold, extended, over(70_000)]))).toEqual(["C7"]);
    expect(found(bare([hold, extended, over(110_000)]))).toEqual([]);
  });

  it("is not captured when it is over", () => {
    const late = (at: number): Attempt => granted(2, at, at + 10, { asked: capture() });
    expect(found(bare([hold, late(59_000)]))).toEqual([]);
    expect(found(bare([hold, late(70_000)]))).toEqual(["C7"]);
    expect(found(bare([hold, extended, late(70_000)]))).toEqual([]);
  });

  it("keeps its units from others until its end", () => {
    const all = granted(1, 0, 10, { asked: buying(1, 10, "hold") });
    const sold = (at: number): string[] => {
      const history = bare([all, granted(2, at, at + 10)]);
      const expiry = { txnId: "e1", purchaseId: "i1", kind: "expire", legs: 2, offBy: 0 };
      const { transactions, events = [] } = history.books;
      const more = { transactions: [...transactions, expiry], events: [...events, "e1"] };
      return found(withBooks(history, more));
    };
    expect(sold(60_000)).toEqual([]);
    expect(sold(30_000)).toEqual(["C7"]);
  });
});

describe("C7, a no,", () => {
  const bought = granted(1, 0, 10, { asked: buying(1, 3) });
  const refund = (amountMinor: number, returnQuantity = 0): Attempt["asked"] => ({
    kind: "refund",
    purchaseId: "i1",
    amountMinor,
    returnQuantity,
  });

  it("is not said for a rule that there is not", () => {
    expect(found(bare([declined([0, 10], "PERIOD", buying(2))]))).toEqual(["C7"]);
    expect(found(bare([declined([0, 10], "EXPIRED", buying(2))]))).toEqual(["C7"]);
  });

  it("is not said to a refund of what was settled and not given back", () => {
    const no = (reason: string, asked: Attempt["asked"]): string[] =>
      found(bare([bought, granted(3, 20, 30, { asked: refund(100, 1) }), refused(reason, asked)]));
    const refused = (reason: string, asked: Attempt["asked"]): Attempt =>
      declined([40, 50], reason, asked);
    expect(no("OVER_REFUND", refund(201))).toEqual([]);
    expect(no("OVER_REFUND", refund(200))).toEqual(["C7"]);
    expect(no("OVER_RETURN", refund(0, 3))).toEqual([]);
    expect(no("OVER_RETURN", refund(0, 2))).toEqual(["C7"]);
    expect(no("NOT_SETTLED", refund(1))).toEqual(["C7"]);
    const early = declined([15, 18], "NOT_SETTLED", refund(1));
    const whole = { lines: [lineOf(hold, { state: "settled" })] };
    const history = bare([hold, early, granted(3, 20, 30, { asked: capture() })]);
    expect(found(withBooks(history, whole))).toEqual([]);
  });
});
