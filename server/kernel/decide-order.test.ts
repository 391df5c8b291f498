import { describe, expect, it } from "vitest";
import { enter } from "./ask.ts";
import { agentKey, grantKey } from "./books.ts";
import { constraintsOf } from "./constraints.ts";
import { decide, keyOf } from "./decide.ts";
import type { Facts, ItemFact, MandateFact, PoolFact } from "./facts.ts";
import type { CommitAsk, Decision } from "./types.ts";

const nowMs = 1_800_000_000_000;
const id = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
const [tenantId, merchantId, itemId, poolId, mandateId, stranger] = [1, 2, 3, 4, 5, 6].map(id) as [
  string,
  string,
  string,
  string,
  string,
  string,
];

interface Case {
  ask: CommitAsk;
  item: ItemFact;
  pool: PoolFact;
  mandate: MandateFact;
  facts: Partial<Facts>;
}

const period = { limitMinor: 10n, startMs: nowMs, resetsAtMs: nowMs + 1_000 };
const repeated = { mandateId, agentId: "agent", itemId, amountMinor: 300n };

/** An ask against which everything speaks at once. */
function hopeless(): Case {
  const bucket = { bucket: 0, version: 0n };
  return {
    ask: {
      kind: "commit",
      tenantId,
      merchantId,
      key: "key",
      mandateId,
      agentId: "agent",
      lines: [{ itemId, quantity: 3n }],
      amountMinor: 299n,
      currency: "USD",
    },
    item: {
      itemId,
      tenantId: stranger,
      merchantId: stranger,
      currency: "EUR",
      priceMinor: 100n,
      priceVersion: 1n,
      poolId,
    },
    pool: {
      poolId,
      tenantId,
      itemId,
      buckets: 1,
      open: false,
      gate: null,
      loaded: [{ ...bucket, available: 2n, open: true, priceVersion: 1n }],
    },
    mandate: {
      mandateId,
      tenantId: stranger,
      state: "revoked",
      currency: "EUR",
      capMinor: 1_000n,
      purchaseMaxMinor: 299n,
      periods: { day: period, week: period, month: period },
      allowedMerchants: [stranger],
      allowedItems: [stranger],
      agentId: "another",
      startsAtMs: nowMs + 1,
      expiresAtMs: nowMs,
      duplicateWindowMs: 1_000,
      rulesVersion: 1n,
      buckets: 1,
      gate: null,
      loaded: [{ ...bucket, remainingMinor: 299n, active: true, rulesVersion: 1n, rooms: {} }],
    },
    facts: {
      merchants: new Map(),
      recentGrants: new Map([[grantKey(repeated), nowMs - 999]]),
      blockedAgents: new Set([agentKey({ tenantId, agentId: "agent" })]),
    },
  };
}

function factsOf({ item, pool, mandate, facts }: Case): Facts {
  return {
    nowMs,
    merchants: new Map([[merchantId, tenantId]]),
    items: new Map([[itemId, item]]),
    pools: new Map([[poolId, pool]]),
    mandates: new Map([[mandateId, mandate]]),
    purchases: new Map(),
    expired: [],
    recentGrants: new Map(),
    blockedAgents: new Set(),
    recalled: new Map(),
    ...facts,
  };
}

function decided(one: Case): Decision {
  const [decision] = decide([enter(one.ask, id(9))], factsOf(one), 1).decisions;
  if (!decision) throw new Error("one ask, one decision");
  return decision;
}

function reasonOf(decision: Decision): string {
  if (decision.kind === "rejected") return decision.code;
  if (decision.kind !== "declined") return decision.kind;
  const { reason, period: name = "" } = JSON.parse(decision.text) as {
    reason: string;
    period?: string;
  };
  return `${reason} ${name}`.trim();
}

const without = (periods: MandateFact["periods"], name: "day" | "week" | "month") => {
  const { [name]: _, ...others } = periods;
  return others;
};
const stored = (fingerprint: string, owner: string) =>
  new Map([
    [
      keyOf({ merchantId, key: "key" }),
      { askId: id(8), tenantId: owner, fingerprint, granted: true, text: "{}" },
    ],
  ]);

/** What speaks first, and what must change for the next to speak. */
const order: [reason: string, mend: (one: Case) => Case][] = [
  [
    "UNKNOWN_MERCHANT",
    (one) => ({
      ...one,
      facts: {
        ...one.facts,
        merchants: new Map([[merchantId, stranger]]),
        recalled: stored("other", stranger),
      },
    }),
  ],
  [
    "FORBIDDEN",
    (one) => ({
      ...one,
      facts: {
        ...one.facts,
        merchants: new Map([[merchantId, tenantId]]),
        recalled: stored("other", tenantId),
      },
    }),
  ],
  [
    "conflict",
    (one) => ({
      ...one,
      facts: { ...one.facts, recalled: stored(enter(one.ask, id(9)).fingerprint, tenantId) },
    }),
  ],
  ["recalled", (one) => ({ ...one, facts: { ...one.facts, recalled: new Map() } })],
  ["FORBIDDEN", (one) => ({ ...one, mandate: { ...one.mandate, tenantId } })],
  ["FORBIDDEN", (one) => ({ ...one, item: { ...one.item, tenantId } })],
  ["UNKNOWN_ITEM", (one) => ({ ...one, item: { ...one.item, merchantId } })],
  ["CURRENCY_MISMATCH", (one) => ({ ...one, item: { ...one.item, currency: "USD" } })],
  ["AMOUNT_MISMATCH", (one) => ({ ...one, ask: { ...one.ask, amountMinor: 300n } })],
  ["ITEM_CLOSED", (one) => ({ ...one, pool: { ...one.pool, open: true } })],
  [
    "SOLD_OUT",
    (one) => ({
      ...one,
      pool: { ...one.pool, loaded: one.pool.loaded.map((b) => ({ ...b, available: 3n })) },
    }),
  ],
  [
    "AGENT_BLOCKED",
    (one) => ({ ...one, facts: { ...one.facts, blockedAgents: new Set<string>() } }),
  ],
  ["REVOKED", (one) => ({ ...one, mandate: { ...one.mandate, state: "paused" } })],
  ["PAUSED", (one) => ({ ...one, mandate: { ...one.mandate, state: "active" } })],
  ["NOT_STARTED", (one) => ({ ...one, mandate: { ...one.mandate, startsAtMs: nowMs } })],
  ["EXPIRED", (one) => ({ ...one, mandate: { ...one.mandate, expiresAtMs: nowMs + 1 } })],
  ["AGENT", (one) => ({ ...one, mandate: { ...one.mandate, agentId: "agent" } })],
  ["MERCHANT", (one) => ({ ...one, mandate: { ...one.mandate, allowedMerchants: [merchantId] } })],
  ["ITEM", (one) => ({ ...one, mandate: { ...one.mandate, allowedItems: [itemId] } })],
  ["CURRENCY", (one) => ({ ...one, mandate: { ...one.mandate, currency: "USD" } })],
  ["PURCHASE_MAX", (one) => ({ ...one, mandate: { ...one.mandate, purchaseMaxMinor: 300n } })],
  [
    "DUPLICATE_SUSPECTED",
    (one) => ({
      ...one,
      facts: { ...one.facts, recentGrants: new Map([[grantKey(repeated), nowMs - 1_000]]) },
    }),
  ],
  [
    "PERIOD day",
    (one) => ({
      ...one,
      mandate: { ...one.mandate, periods: without(one.mandate.periods, "day") },
    }),
  ],
  [
    "PERIOD week",
    (one) => ({
      ...one,
      mandate: { ...one.mandate, periods: without(one.mandate.periods, "week") },
    }),
  ],
  [
    "PERIOD month",
    (one) => ({
      ...one,
      mandate: { ...one.mandate, periods: { month: { ...period, limitMinor: 300n } } },
    }),
  ],
  [
    "CAP",
    (one) => ({
      ...one,
      mandate: {
        ...one.mandate,
        loaded: one.mandate.loaded.map((b) => ({ ...b, remainingMinor: 300n })),
      },
    }),
  ],
  ["granted", (one) => one],
];

/** The case as it is when the first `count` obstacles are out of the way. */
const mended = (count: number) =>
  order.slice(0, count).reduce((one, [, mend]) => mend(one), hopeless());

describe("an ask against which everything speaks", () => {
  it.each(order.map(([reason], index) => [index, reason] as const))(
    "with %i obstacles gone is told %s",
    (index, reason) => {
      expect(reasonOf(decided(mended(index)))).toBe(reason);
    },
  );
});

/** Those that decline; before them an ask is rejected, and nothing explains a constraint. */
const declines = order.filter(
  ([reason]) => !/^(UNKNOWN_|FORBIDDEN|conflict|recalled|granted|\w+_MISMATCH)/.test(reason),
);

describe("the constraints, explained", () => {
  const nameOf = ({ reason, period: name = "" }: { reason: string; period?: string }) =>
    `${reason} ${name}`.trim();

  it.each(declines.map(([reason]) => reason))(
    "stand in the order of the decision: %s binds",
    (reason) => {
      const one = mended(order.findIndex(([name]) => name === reason));
      const rows = constraintsOf(factsOf(one), one.ask, decided(one));
      expect(rows.map(nameOf)).toEqual(declines.map(([name]) => name));
      const at = declines.findIndex(([name]) => name === reason);
      expect(rows[at]?.state).toBe("BINDING");
      expect(rows.slice(0, at).filter(({ state }) => /BINDING|NOT_REACHED/.test(state))).toEqual(
        [],
      );
      expect(rows.slice(at + 1).filter(({ state }) => !/NOT_REACHED|NOT_SET/.test(state))).toEqual(
        [],
      );
    },
  );

  it("have passed, or are not set, when an ask is granted", () => {
    const one = mended(order.length);
    const rows = constraintsOf(factsOf(one), one.ask, decided(one));
    expect(rows.filter(({ state }) => !/PASSED|NOT_SET/.test(state))).toEqual([]);
    expect(rows.filter(({ left }) => left !== undefined && left < 0n)).toEqual([]);
  });
});

describe("a sale", () => {
  const fine = () => mended(order.length);

  it("is not made from a bucket that is closed, or at another price, though its pool says open", () => {
    for (const wrong of [{ open: false }, { priceVersion: 2n }]) {
      const { pool, ...one } = fine();
      const loaded = pool.loaded.map((bucket) => ({ ...bucket, ...wrong }));
      expect(() => decided({ ...one, pool: { ...pool, loaded } })).toThrow(/buckets are open/);
    }
  });

  it("is not made from a bucket that is inactive, or under other rules, though its mandate is active", () => {
    for (const wrong of [{ active: false }, { rulesVersion: 2n }]) {
      const { mandate, ...one } = fine();
      const loaded = mandate.loaded.map((bucket) => ({ ...bucket, ...wrong }));
      expect(() => decided({ ...one, mandate: { ...mandate, loaded } })).toThrow(
        /buckets are active/,
      );
    }
  });

  it("refused later in a batch leaves what was sold before it", () => {
    const { ask, item, pool, mandate } = fine();
    const entries = [0, 1].map((index) =>
      enter({ ...ask, key: `key-${index}`, again: true }, id(20 + index)),
    );
    const facts: Facts = {
      nowMs,
      merchants: new Map([[merchantId, tenantId]]),
      items: new Map([[itemId, item]]),
      pools: new Map([[poolId, pool]]),
      mandates: new Map([[mandateId, mandate]]),
      purchases: new Map(),
      expired: [],
      recentGrants: new Map(),
      blockedAgents: new Set(),
      recalled: new Map(),
    };
    const { decisions, plan } = decide(entries, facts, 1);
    expect(decisions.map((decision) => reasonOf(decision))).toEqual(["granted", "SOLD_OUT"]);
    expect(plan.stock).toEqual([
      { poolId, bucket: 0, available: 0n, versionBefore: 0n, version: 1n },
    ]);
  });
});
