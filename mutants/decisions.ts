import { kernel, type Mutant } from "./mutant.ts";

const tenancy = `  // Before recall: nobody replays another tenant's answer.
  if (owner !== ask.tenantId) return rejected("FORBIDDEN", "This merchant belongs to another tenant.");
`;

/** What may be sold, to whom, and what comes back. */
export const decisions: readonly Mutant[] = [
  {
    name: "an answer is never recalled",
    changes: [
      kernel(
        "decide.ts",
        "books.facts.recalled.get(keyOf(ask));",
        'new Map(books.facts.recalled).get("");',
      ),
    ],
    caughtBy: ["server/kernel/sell.db.test.ts", "two processes replays an answer"],
  },
  {
    name: "another body under the same key is answered",
    changes: [
      kernel(
        "decide.ts",
        'if (stored.fingerprint !== entry.fingerprint) return { kind: "conflict" };',
        "",
      ),
    ],
    caughtBy: ["server/kernel/mandate-rules.db.test.ts", "a key used for another request"],
  },
  {
    name: "another tenant's ask joins the one under way",
    changes: [
      kernel(
        "gather.ts",
        "return `${tenantId}${merchantId}${key}`;",
        "return `${tenantId && merchantId}${key}`;",
      ),
    ],
    caughtBy: ["server/kernel/mandate-rules.db.test.ts", "while the ask is under way"],
  },
  {
    name: "a rejection is the answer of another request that came beside it",
    changes: [kernel("gather.ts", "return same ? answer : this.ask(ask);", "return answer;")],
    caughtBy: ["server/kernel/mandate-rules.db.test.ts", "rejected at the same moment"],
  },
  {
    name: "tenancy is looked at after recall",
    changes: [
      kernel("decide.ts", tenancy, ""),
      kernel(
        "decide.ts",
        "assert(stored.tenantId === ask.tenantId, \"a merchant's answers belong to the merchant's tenant\");",
        "",
      ),
      kernel(
        "decide.ts",
        '    return { kind: "recalled", stored };\n  }\n',
        `    return { kind: "recalled", stored };\n  }\n${tenancy}`,
      ),
    ],
    caughtBy: ["server/kernel/mandate-rules.db.test.ts", "of another tenant get FORBIDDEN"],
  },
  {
    name: "a claim is not bounded by the sum of the buckets",
    changes: [kernel("commit.ts", "if (total < asked) return", "if (total < 0n) return")],
    caughtBy: ["server/kernel/decide.test.ts", "declines for stock"],
  },
  {
    name: "a sale at price zero writes no bucket of the mandate",
    changes: [
      kernel("running-mandate.ts", "if (touched.size === 0) touched.add(this.#at(0));", ""),
    ],
    caughtBy: ["server/kernel/sell.db.test.ts", "at price zero"],
  },
  {
    name: "a sale does not read from its stock bucket whether it is open",
    changes: [
      kernel(
        "commit.ts",
        `assert(gateAgrees, "an open item's buckets are open, and at its price");`,
        "void gateAgrees;",
      ),
    ],
    caughtBy: ["server/kernel/decide-order.test.ts", "not made from a bucket that is closed"],
  },
  {
    name: "a sale does not read from its mandate bucket whether it is active",
    changes: [
      kernel(
        "commit.ts",
        `assert(gateAgrees, "an active mandate's buckets are active, and under its rules");`,
        "void gateAgrees;",
      ),
    ],
    caughtBy: ["server/kernel/decide-order.test.ts", "not made from a bucket that is inactive"],
  },
  {
    name: "more is refunded than was settled",
    changes: [kernel("refund.ts", "if (used + asked > limit) {", "if (used + asked < 0n) {")],
    caughtBy: ["server/kernel/refunds.db.test.ts", "no cent goes back twice"],
  },
  {
    name: "a discount is refunded too",
    changes: [
      kernel(
        "refund.ts",
        "for (const part of [[line] as const, lines]) {",
        "for (const part of [[line] as const]) {",
      ),
    ],
    caughtBy: ["server/kernel/refunds.db.test.ts", "a discount is not given back"],
  },
  {
    name: "more units return than were sold",
    changes: [
      kernel(
        "refund.ts",
        "if (line.returnedQuantity + returned > line.settledQuantity) {",
        "if (returned < 0n) {",
      ),
    ],
    caughtBy: ["server/kernel/refunds.db.test.ts", "in parts up to the whole"],
  },
  {
    name: "a refund gives room back across periods",
    changes: [
      kernel(
        "running-mandate.ts",
        "if (room === undefined || spent.createdAtMs < room.startMs) continue;",
        "if (room === undefined) continue;",
      ),
    ],
    caughtBy: ["server/kernel/periods.db.test.ts", "a day gets room back from a refund"],
  },
  {
    name: "a refund gives room back under newer rules",
    changes: [
      kernel(
        "running-mandate.ts",
        "if (spent.rulesVersion !== this.fact.rulesVersion) return;",
        "",
      ),
    ],
    caughtBy: ["server/kernel/periods.db.test.ts", "a day gets no room back"],
  },
  {
    name: "a period moves back",
    changes: [
      kernel(
        "running-mandate.ts",
        "return Math.max(this.fact.periods[name]?.startMs ?? 0, ...starts);",
        "return (starts, this.fact.periods[name]?.startMs ?? 0);",
      ),
      kernel(
        "running-mandate.ts",
        "if (room && room.startMs >= startMs) return",
        "if (room && room.startMs === startMs) return",
      ),
    ],
    caughtBy: ["server/kernel/periods.db.test.ts", "a day never moves back"],
  },
  {
    name: "what is bought while the clock is behind counts in no period",
    changes: [
      kernel(
        "running-mandate.ts",
        "return Math.max(nowMs, ...this.#limits.map((name) => this.startMs(name)));",
        "return nowMs;",
      ),
    ],
    caughtBy: ["server/kernel/periods.db.test.ts", "a day counts what is bought"],
  },
  {
    name: "a new period is not refilled",
    changes: [
      kernel(
        "running-mandate.ts",
        "if (room && room.startMs >= startMs) return",
        "if (room) return",
      ),
    ],
    caughtBy: ["server/kernel/periods.db.test.ts", "a day is spent to what it leaves"],
  },
  {
    name: "an expired hold is not released at a claim",
    changes: [
      kernel(
        "decide.ts",
        "for (const { purchaseId, txnId } of facts.expired) expire(books, purchaseId, txnId);",
        "void expire;",
      ),
    ],
    caughtBy: ["server/kernel/holds.db.test.ts", "a claim that cannot be filled"],
  },
  {
    name: "a hold lives a millisecond longer",
    changes: [kernel("capture.ts", "nowMs >= expiresAtMs", "nowMs > expiresAtMs")],
    caughtBy: ["server/kernel/decide.test.ts", "conserves units, money and room"],
  },
  {
    name: "a hold is captured at its end",
    changes: [kernel("capture.ts", "nowMs >= expiresAtMs", "nowMs < 0")],
    caughtBy: ["server/kernel/holds.db.test.ts", "at its end can be neither"],
  },
  {
    name: "a decline is final though more holds are over than one transaction gives back",
    breaks: "C7",
    changes: [kernel("commit.ts", "if (books.facts.moreExpired === true) return true;", "")],
    caughtBy: ["server/kernel/holds.db.test.ts", "waits for more expired holds"],
  },
  {
    name: "a part is captured that costs less than its discount",
    changes: [kernel("capture.ts", "if (total < 0n)", "if (total < -(2n ** 53n))")],
    caughtBy: ["server/kernel/holds.db.test.ts", "less than its discount"],
  },
  {
    name: "the duplicate window is ignored",
    changes: [
      kernel(
        "commit.ts",
        "if (windowMs === null || ask.again === true) return undefined;",
        "if (windowMs !== 0) return undefined;",
      ),
    ],
    caughtBy: ["server/kernel/mandate-rules.db.test.ts", "the duplicate window refuses"],
  },
  {
    name: "legs do not balance",
    changes: [
      kernel(
        "commit.ts",
        "ask.merchantId, ask.amountMinor],",
        "ask.merchantId, ask.amountMinor + 1n],",
      ),
      kernel(
        "ledger.ts",
        'assert(sum === 0n, "the legs of a ledger transaction sum to zero");',
        'assert(sum < 2n ** 70n, "");',
      ),
    ],
    caughtBy: ["server/kernel/decide.test.ts", "books legs that balance"],
  },
  {
    name: "a limit is read and not written",
    changes: [
      kernel(
        "running-mandate.ts",
        "for (const name of this.#limits) this.#takeRoom(name, amount, touched);",
        "",
      ),
    ],
    caughtBy: ["server/kernel/periods.db.test.ts", "a day is spent to what it leaves"],
  },
  {
    name: "the fingerprint of an ask leaves the agent out",
    breaks: "C5",
    changes: [kernel("ask.ts", "${JSON.stringify(ask.agentId)}", "")],
    caughtBy: ["server/kernel/mandate-rules.db.test.ts", "a key used for another request"],
  },
];
