import { describe, expect, it } from "vitest";
import {
  answerOf,
  buying,
  commanded,
  found,
  granted,
  historyOf,
  itemId,
  lineOf,
  mandateId,
  soldOut,
  withBooks,
} from "../../testing/histories.ts";
import { violationsOf } from "./check.ts";
import type { Attempt, BucketWrite, History } from "./history.ts";

const says = (history: History): string => violationsOf(history)[0]?.says ?? "";

const [one, two] = [granted(1, 0, 10), granted(2, 20, 30)];
const good = historyOf([one, two]);
const again: Attempt = { ...one, nth: 9, inv: 40, ret: 50, replayed: true };
const refusal = { outcome: "fail", what: "exhausted" } as const;
const doubt = { outcome: "info", what: "unknown" } as const;
const declined = (op: number, [inv, ret]: readonly [number, number], text: string): Attempt =>
  granted(op, inv, ret, { what: "declined", said: text });

describe("a history", () => {
  it("of purchases, a replay and a doubt that was resolved breaks nothing", () => {
    expect(violationsOf(good)).toEqual([]);
    const doubted = { ...two, ...doubt, inv: 15, ret: 19 };
    expect(violationsOf(historyOf([one, doubted, two, again]))).toEqual([]);
  });
});

describe("C1, what was acknowledged is in the books,", () => {
  const without = (id: string): History =>
    withBooks(good, { answers: good.books.answers.filter((row) => row.id !== id) });

  it("finds an answer that is gone", () => {
    expect(found(without("i2"))).toContain("C1");
  });

  it("finds an answer under another id, and one with another text", () => {
    const answers = [answerOf(one, { id: "other" }), answerOf(two)];
    expect(found(withBooks(good, { answers }))).toContain("C1");
    expect(
      found(withBooks(good, { answers: [answerOf(one, { said: "{" }), answerOf(two)] })),
    ).toContain("C1");
  });

  it("finds a grant that is not booked, and one whose purchase costs something else", () => {
    expect(found(withBooks(good, { transactions: good.books.transactions.slice(1) }))).toEqual([
      "C1",
    ]);
    const lines = [lineOf(one, { amountMinor: 99 }), lineOf(two)];
    expect(found(withBooks(good, { lines, writes: undefined }))).toEqual(["C1"]);
  });
});

describe("C2, each purchase happened once,", () => {
  it("finds an operation that bought under two keys", () => {
    const secondKey = granted(2, 20, 30, { op: 1, key: "k1-b", asked: buying(1) });
    expect(found(historyOf([one, secondKey]))).toEqual(["C2"]);
  });

  it("does not mind a second key that was declined", () => {
    const reason = '{"outcome":"DECLINED","reason":"DUPLICATE_SUSPECTED"';
    const secondKey = { ...declined(2, [20, 30], reason), op: 1, key: "k1-b", asked: buying(1) };
    expect(found(historyOf([one, secondKey]))).toEqual([]);
  });

  it("finds a hold that ended twice, two answers to a key, and legs that do not balance", () => {
    const hold = granted(1, 0, 10, { asked: buying(1, 1, "hold") });
    const release = granted(2, 20, 30, { asked: { kind: "release", purchaseId: "i1" } });
    const capture = granted(3, 20, 30, { asked: { kind: "capture", purchaseId: "i1" } });
    const ended = historyOf([hold, release, capture]);
    expect(found(withBooks(ended, { writes: undefined }))).toEqual(["C2"]);
    const answers = [...good.books.answers, answerOf(one, { id: "i9", purchaseId: "i1" })];
    expect(found(withBooks(good, { answers }))).toContain("C2");
    const [txn, ...others] = good.books.transactions;
    const off = [
      ...others,
      { ...txn, txnId: "i1", purchaseId: "i1", kind: "commit", legs: 2, offBy: 1 },
    ];
    expect(found(withBooks(good, { transactions: off }))).toEqual(["C2"]);
  });
});

describe("C3, nothing is in the books that nobody asked for,", () => {
  const other = granted(7, 0, 1);

  it("finds an answer, a transaction and a purchase of nobody", () => {
    const answers = [...good.books.answers, answerOf(other, { granted: false, said: "{" })];
    expect(found(withBooks(good, { answers }))).toEqual(["C3"]);
    const booked = { txnId: "i7", purchaseId: "i1", kind: "refund", legs: 2, offBy: 0 };
    const transactions = [...good.books.transactions, booked];
    expect(found(withBooks(good, { transactions }))).toEqual(["C3"]);
    expect(found(withBooks(good, { lines: [...good.books.lines, lineOf(other)] }))).toEqual(["C3"]);
  });

  it("finds stock that nobody moved, and stock that was moved twice for one command", () => {
    const restock = commanded("c1", { kind: "restock", itemId, quantity: 5 }, [40, 50]);
    const moved = { itemId, quantity: 5, reason: "c1" };
    const base = withBooks({ ...good, commands: [restock] }, { writes: undefined });
    const withMoves = (...more: (typeof moved)[]): History =>
      withBooks(base, { moves: [...good.books.moves, ...more] });
    expect(found(withMoves(moved))).toEqual([]);
    expect(found(withMoves(moved, moved))).toEqual(["C3"]);
    expect(found(withMoves(moved, { ...moved, reason: "c2" }))).toEqual(["C3"]);
  });
});

describe("C4, what was refused without a record had no effect,", () => {
  const refused = { ...two, ...refusal, inv: 11, ret: 12 };

  it("finds a refusal that is in the books", () => {
    const only = { ...good, attempts: [one, refused] };
    expect(found(only)).toEqual(["C4"]);
  });

  it("finds it also when the next attempt is told that it is a replay", () => {
    const replayed = { ...two, replayed: true };
    expect(found(historyOf([one, refused, replayed]))).toEqual(["C4"]);
    expect(found(historyOf([one, { ...refused, ...doubt }, replayed]))).toEqual([]);
    expect(found(historyOf([one, refused, two]))).toEqual([]);
  });

  it("finds a refused command that moved stock", () => {
    const restock = { kind: "restock", itemId, quantity: 5 } as const;
    const moves = [...good.books.moves, { itemId, quantity: 5, reason: "c1" }];
    const commands = [commanded("c1", restock, [0, 1], { outcome: "fail", what: "BUSY" })];
    expect(found(withBooks({ ...good, commands }, { moves }))).toEqual(["C4"]);
  });
});

describe("C5, the same key has the same answer,", () => {
  it("finds another answer to the same key, and two that are both new", () => {
    expect(found(historyOf([one, { ...again, said: "{" }]))).toContain("C5");
    expect(found(historyOf([one, { ...again, replayed: false }]))).toEqual(["C5"]);
  });

  it("finds a replay of what nobody asked first, and an answer to another request", () => {
    expect(found(historyOf([{ ...one, replayed: true }]))).toEqual(["C5"]);
    expect(found(historyOf([one, { ...again, fingerprint: "other" }]))).toEqual(["C5"]);
  });
});

describe("C6, every doubt was resolved,", () => {
  const doubted = { ...two, ...doubt };

  it("finds who never knew, also when a try more only said to come later", () => {
    expect(found(historyOf([one, doubted]))).toEqual(["C6"]);
    expect(found(historyOf([one, doubted, { ...doubted, ...refusal, inv: 40, ret: 41 }]))).toEqual([
      "C6",
    ]);
  });

  it("takes a refusal for good as an answer when it came after the doubt", () => {
    const refused = { ...two, outcome: "fail", what: "AMOUNT_MISMATCH" } as const;
    const later = { ...refused, asked: buying(2, 3), inv: 40, ret: 41 };
    const honest = { ...later, asked: { ...buying(2), amountMinor: 7 } as Attempt["asked"] };
    expect(found(historyOf([one, doubted, honest]))).toEqual([]);
  });
});

describe("C10, every change is announced,", () => {
  it("finds a grant that nobody was told of", () => {
    expect(found(withBooks(good, { events: ["i1"] }))).toEqual(["C10"]);
    expect(found(withBooks(good, { untold: 1 }))).toEqual(["C10"]);
  });
});

describe("C7, stock by bucket,", () => {
  const writes = good.books.writes ?? [];
  const tampered = (change: (write: BucketWrite, index: number) => BucketWrite[]): History =>
    withBooks(good, { writes: writes.flatMap(change) });

  it("finds a version that two wrote, one that is missing, and a state that is not the one before", () => {
    expect(
      found(tampered((w, n) => (n === 2 ? [{ ...w, versionBefore: 0, version: 1 }] : [w]))),
    ).toEqual(["C7"]);
    expect(found(tampered((w, n) => (n === 1 ? [] : [w])))).toEqual(["C7"]);
    expect(found(tampered((w, n) => (n === 2 ? [{ ...w, before: w.before + 1 }] : [w])))).toEqual([
      "C7",
    ]);
  });

  it("finds an order that was not the one of time", () => {
    const late = historyOf([granted(2, 20, 30), granted(1, 0, 10)]);
    expect(says(late)).toContain("answered before it was asked for");
  });

  it("finds a grant that wrote no bucket, and one from a bucket that forbade it", () => {
    const hidden = tampered((w) => (w.xid === "xi2" ? [] : [w]));
    expect(
      violationsOf(hidden)
        .map((one) => one.says)
        .join("\n"),
    ).toContain("wrote no bucket");
    const closed = tampered((w, n) =>
      n === 2 ? [{ ...w, usableBefore: false, usable: false }] : [w],
    );
    expect(says(closed)).toContain("which forbade it");
  });

  it("finds a gate that was changed on one bucket of two", () => {
    const [first] = writes as [BucketWrite];
    const other = { ...first, bucket: 1, after: 0 };
    const close = {
      ...first,
      versionBefore: 0,
      version: 1,
      before: 10,
      usable: false,
      xid: "xc",
    };
    const stock = [
      { subjectId: itemId, bucket: 0, amount: 10, version: 1 },
      { subjectId: itemId, bucket: 1, amount: 0, version: 0 },
    ];
    const empty = withBooks(historyOf([]), { writes: [first, other, close], stock, money: [] });
    expect(says(empty)).toContain("changed a gate, and not on bucket 1");
    const both = { ...close, bucket: 1, before: 0, after: 0 };
    const stands = stock.map((row) => ({ ...row, version: 1 }));
    expect(found(withBooks(empty, { writes: [first, other, close, both], stock: stands }))).toEqual(
      [],
    );
  });
});

describe("C7, stock and money in sum,", () => {
  const bare = (attempts: readonly Attempt[], more: Partial<History> = {}): History =>
    withBooks(historyOf(attempts, more), { writes: undefined });
  const all = granted(1, 0, 10, { asked: buying(1, 10) });

  it("finds more sold than there is", () => {
    const sold = [all, granted(2, 20, 30)];
    expect(found(bare(sold))).toEqual(["C7"]);
    expect(says(bare(sold))).toContain("below zero");
  });

  it("takes sold out for true only when it may have been", () => {
    expect(found(bare([all, declined(2, [5, 8], soldOut(0, 1))]))).toEqual([]);
    expect(found(bare([all, declined(2, [-9, -5], soldOut(0, 1))]))).toEqual(["C7"]);
    expect(found(bare([all, declined(2, [20, 30], soldOut(4, 1))]))).toEqual(["C7"]);
  });

  it("finds a sold-out that was true before the restock", () => {
    const commands = [commanded("c1", { kind: "restock", itemId, quantity: 5 }, [20, 30])];
    const restocked = (at: readonly [number, number]): string[] => {
      const history = bare([all, declined(2, at, soldOut(0, 1))], { commands });
      const moves = [...history.books.moves, { itemId, quantity: 5, reason: "c1" }];
      return found(withBooks(history, { moves }));
    };
    expect(restocked([25, 40])).toEqual([]);
    expect(restocked([31, 40])).toEqual(["C7"]);
  });

  it("finds a spent mandate that was not", () => {
    const spent = '{"outcome":"DECLINED","reason":"CAP","limit":100000,"used":99950,"asked":100';
    expect(found(bare([one, declined(2, [20, 30], spent)]))).toEqual(["C7"]);
  });
});

describe("C7, what commands stop and change,", () => {
  const bare = (attempts: readonly Attempt[], commands: History["commands"]): string[] =>
    found(withBooks(historyOf(attempts, { commands }), { writes: undefined }));
  const pause = commanded("c1", { kind: "pause", mandateId }, [20, 30]);
  const activate = commanded("c2", { kind: "activate", mandateId }, [60, 70]);
  const close = commanded("c3", { kind: "close", itemId }, [20, 30]);
  const price = commanded("c4", { kind: "price", itemId, priceMinor: 200 }, [20, 30]);

  it("finds a sale behind an acknowledged pause, close or price", () => {
    for (const command of [pause, close, price]) {
      expect(bare([granted(1, 25, 40)], [command])).toEqual([]);
      expect(bare([granted(1, 31, 40)], [command])).toEqual(["C7"]);
    }
    expect(bare([granted(1, 61, 80)], [pause, activate])).toEqual([]);
  });

  it("finds a refusal for a stop that did not stand", () => {
    const paused = '{"outcome":"DECLINED","reason":"PAUSED"';
    expect(bare([declined(1, [21, 40], paused)], [pause])).toEqual([]);
    expect(bare([declined(1, [1, 10], paused)], [pause])).toEqual(["C7"]);
    expect(bare([declined(1, [71, 80], paused)], [pause, activate])).toEqual(["C7"]);
    const closed = '{"outcome":"DECLINED","reason":"ITEM_CLOSED"';
    expect(bare([declined(1, [1, 10], closed)], [close])).toEqual(["C7"]);
  });

  it("finds an amount that was refused although it was the price", () => {
    const refused = (inv: number): Attempt =>
      granted(1, inv, inv + 5, { outcome: "fail", what: "AMOUNT_MISMATCH" });
    expect(bare([refused(31)], [price])).toEqual([]);
    expect(bare([refused(5)], [price])).toEqual(["C7"]);
  });
});
