import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sign } from "../../webhooks/signature.ts";
import {
  buying,
  commanded,
  found,
  granted,
  historyOf,
  itemId,
  mandateId,
  withBooks,
} from "../../testing/histories.ts";
import { violationsOf } from "./check.ts";
import type { Commanded, History } from "./history.ts";
import type { Arrival, AuditEntry, Errand, Seen } from "./outside.ts";
import { isSignedWith } from "./sink.ts";

const says = (history: History): string =>
  violationsOf(history)
    .map((one) => one.says)
    .join("\n");

const hold = granted(1, 0, 10, { asked: buying(1, 1, "hold") });
const capture = granted(2, 20, 30, { asked: { kind: "capture", purchaseId: "i1" } });
const refund = granted(3, 40, 50, {
  asked: { kind: "refund", purchaseId: "i1", amountMinor: 100 },
});

const told = (id: string, type: string, more: Partial<Arrival> = {}): Arrival => ({
  id,
  eventId: id,
  type,
  isSigned: true,
  purchaseId: "i1",
  digest: `body of ${id}`,
  at: 60,
  answered: "yes",
  ...more,
});
const [held, captured, refunded] = [
  told("i1", "purchase.held", { sequence: 1, amountMinor: 100 }),
  told("i2", "purchase.captured", { sequence: 2, amountMinor: 100 }),
  told("i3", "purchase.refunded", { sequence: 3, amountMinor: 100 }),
];

const hashes = ["0".repeat(64), "a", "b", "c", "d", "e", "f"];
const entryOf = (seq: number, action: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  seq,
  previousHash: hashes[seq - 1] ?? "",
  hash: hashes[seq] ?? "",
  action,
  objectId: mandateId,
  after: null,
  reason: null,
  requestId: `r${seq}`,
  ...more,
});
const made: Errand = { action: "webhook.create", objectId: "endpoint", outcome: "ok" };
const first = entryOf(1, "webhook.create", { objectId: "endpoint" });

const seen = (
  arrivals: readonly Arrival[],
  entries: readonly AuditEntry[] = [first],
  more: Partial<Seen> = {},
): Seen => {
  const walked = { entries: entries.length };
  const log = { entries, chain: walked, exported: walked };
  return { heard: { arrivals, readAt: 1_000 }, errands: [made], log, ...more };
};

const buckets = { writes: undefined } as const;
const endpoint = (
  arrivals: readonly Arrival[],
  commands: readonly Commanded[] = [],
  entries?: readonly AuditEntry[],
): History => {
  const outside = seen(arrivals, entries);
  const history = historyOf([hold, capture, refund], { commands, outside });
  return withBooks(history, { ...buckets, events: undefined });
};

describe("C10, the endpoint,", () => {
  it("has heard all, in whatever order and however often", () => {
    expect(says(endpoint([refunded, held, captured]))).toBe("");
    const lost = { ...held, answered: "lost" } as const;
    expect(says(endpoint([lost, captured, refunded, held]))).toBe("");
  });

  it("finds an event that never came, and one that was refused and never came again", () => {
    expect(says(endpoint([held, refunded]))).toContain("captured i2 never reached the endpoint");
    for (const answered of ["no", "lost", "never"] as const) {
      const history = endpoint([held, { ...captured, answered }, refunded]);
      expect(found(history)).toEqual(["C10"]);
      expect(says(history)).toContain("was not sent again after it was refused");
    }
  });

  it("finds what is in no books, a bad signature, and an id or a body that changed", () => {
    const nobody = told("i9", "purchase.committed");
    expect(says(endpoint([held, captured, refunded, nobody]))).toContain("is not in the books");
    const unsigned = { ...held, isSigned: false, answered: "no" } as const;
    expect(says(endpoint([unsigned, held, captured, refunded]))).toContain("a bad signature");
    const other = { ...held, digest: "another" };
    expect(says(endpoint([held, other, captured, refunded]))).toContain("with the same body");
    const mixed = { ...held, eventId: "i2" };
    expect(says(endpoint([mixed, captured, refunded]))).toContain("came for the event i2");
  });

  it("does not mind what came after the books were read", () => {
    const later = told("i9", "purchase.expired", { at: 1_001 });
    expect(says(endpoint([held, captured, refunded, later]))).toBe("");
  });

  it("finds the wrong kind, purchase and amount", () => {
    const wrong = (more: Partial<Arrival>): string[] =>
      found(endpoint([held, captured, { ...refunded, ...more }]));
    expect(wrong({})).toEqual([]);
    expect(wrong({ type: "purchase.released" })).toEqual(["C10"]);
    expect(wrong({ purchaseId: "i7" })).toEqual(["C10"]);
    expect(wrong({ amountMinor: 1 })).toEqual(["C10"]);
  });

  it("finds numbers with a gap, one that two have, and an order that was not the one of time", () => {
    const numbered = (...numbers: readonly number[]): string =>
      says(
        endpoint(
          [held, captured, refunded].map((one, n) => ({ ...one, sequence: numbers[n] ?? 0 })),
        ),
      );
    expect(numbered(1, 2, 3)).toBe("");
    expect(numbered(1, 2, 4)).toContain("with the numbers 1, 2, 4");
    expect(numbered(1, 2, 2)).toContain("with the numbers 1, 2, 2");
    expect(numbered(1, 3, 2)).toContain("has the later number");
    const together = historyOf([
      hold,
      { ...capture, inv: 40, ret: 50 },
      { ...refund, inv: 40, ret: 50 },
    ]);
    const swapped = [held, { ...captured, sequence: 3 }, { ...refunded, sequence: 2 }];
    const { outside } = endpoint(swapped);
    expect(says({ ...together, ...(outside && { outside }) })).toContain("hold, refund, capture");
  });

  it("finds a command that was told to nobody, one that was told twice, and one of nobody", () => {
    const pause = commanded("c1", { kind: "pause", mandateId }, [100, 110]);
    const noted = [first, entryOf(2, "mandate.pause")];
    const word = { purchaseId: undefined, subjectId: mandateId };
    const { purchaseId: _, ...paused } = { ...told("e1", "mandate.paused"), ...word };
    const told3 = [held, captured, refunded];
    expect(says(endpoint([...told3, paused], [pause], noted))).toBe("");
    expect(says(endpoint(told3, [pause], noted))).toContain("happened 1 times, and was told 0");
    const twice = { ...paused, id: "e2", eventId: "e2" };
    expect(says(endpoint([...told3, paused, twice], [pause], noted))).toContain("was told 2");
    expect(says(endpoint([...told3, paused]))).toContain("is not in the books");
    const history = endpoint([...told3, paused], [pause], noted);
    const heard = withBooks(history, { events: ["i1", "i2", "i3"] });
    expect(says(heard)).toContain("is not in the books");
  });
});

describe("C11, the audit log,", () => {
  const pause = commanded("c1", { kind: "pause", mandateId }, [100, 110], { requestId: "r2" });
  const restock = commanded("c2", { kind: "restock", itemId, quantity: 5 }, [120, 130]);
  const paused = entryOf(2, "mandate.pause");
  const restocked = entryOf(3, "item.adjust", { objectId: itemId, reason: "c2" });
  const all = [first, paused, restocked];

  const logged = (
    entries: readonly AuditEntry[],
    commands: readonly Commanded[] = [pause, restock],
    more: Partial<Seen["log"]> = {},
  ): string => {
    const { heard: _, ...outside } = seen([], entries);
    const history = historyOf([], {
      commands,
      outside: { ...outside, log: { ...outside.log, ...more } },
    });
    const moves = [...history.books.moves, { itemId, quantity: 5, reason: "c2" }];
    return says(withBooks(history, { ...buckets, events: undefined, stock: [], moves }));
  };
  const doubted = { ...pause, outcome: "info", what: "reset" } as const;
  const again = { ...pause, replayed: true, requestId: "r9" };

  it("has each command once, also one that was sent again or left in doubt", () => {
    expect(logged(all)).toBe("");
    expect(logged(all, [doubted, again, restock])).toBe("");
    expect(
      logged([first, { ...restocked, seq: 2, previousHash: "a", hash: "b" }], [doubted, restock]),
    ).toBe("");
  });

  it("finds a command without an entry, and one that has two", () => {
    expect(logged([first, paused])).toContain("was acknowledged 1 times, and noted 0 times");
    expect(logged([...all, entryOf(4, "mandate.pause")])).toContain("and noted 2 times");
    expect(logged([...all, entryOf(4, "mandate.pause")], [doubted, again, restock])).toContain(
      "and noted 2 times",
    );
  });

  it("finds an entry of nobody's, and one of a command that was refused", () => {
    expect(logged([...all, entryOf(4, "mandate.revoke")])).toContain("nobody did mandate.revoke");
    const refused = { ...pause, outcome: "fail", what: "REVOKED" } as const;
    expect(logged(all, [refused, restock])).toContain("c1 was refused (REVOKED), and noted");
  });

  it("finds an entry of another request than the one that was told that it is done", () => {
    const other = { ...pause, requestId: "r8" };
    expect(logged(all, [other, restock])).toContain("request r8, which has 0 entries");
  });

  it("finds a chain with a gap, one that does not follow, and what those found who went along it", () => {
    expect(logged([first, paused, { ...restocked, seq: 4 }])).toContain("entry 4 comes after 2");
    expect(logged([first, paused, { ...restocked, previousHash: "x" }])).toContain(
      "does not follow",
    );
    const broken = { entries: 3, broken: "entry 2: altered" };
    expect(logged(all, undefined, { chain: broken })).toContain("the chain is broken at entry 2");
    expect(logged(all, undefined, { exported: broken })).toContain(
      "an export of the log is broken",
    );
    expect(logged(all, undefined, { exported: { entries: 2 } })).toContain("the export has 2 of 3");
  });
});

describe("the receiver of a run", () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  const [id, body] = ["event", '{"type":"purchase.held"}'];

  it("takes what the product signs, and nothing that was changed, is old, or has another secret", () => {
    const headers = { ...sign([secret], { id, at: new Date(), body }) };
    expect(isSignedWith(secret, headers, body)).toBe(true);
    expect(isSignedWith(secret, headers, `${body} `)).toBe(false);
    expect(isSignedWith(secret, { ...headers, "webhook-id": "other" }, body)).toBe(false);
    expect(isSignedWith(`${secret.slice(0, -4)}AAA=`, headers, body)).toBe(false);
    const old = { ...sign([secret], { id, at: new Date(Date.now() - 400_000), body }) };
    expect(isSignedWith(secret, old, body)).toBe(false);
    expect(isSignedWith(secret, {}, body)).toBe(false);
  });

  it("does not take a signature that another way of writing would make", () => {
    const at = String(Math.floor(Date.now() / 1000));
    const hex = createHmac("sha256", secret).update(`${id}.${at}.${body}`).digest("hex");
    const headers = { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": `v1,${hex}` };
    expect(isSignedWith(secret, headers, body)).toBe(false);
  });
});
