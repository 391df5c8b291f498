import type { Books } from "./books.ts";
import { inOrder } from "./checks.ts";
import { openBooks } from "./decide.ts";
import { periodNames, type Facts, type MandateFact, type PeriodName } from "./facts.ts";
import type { buyingReasons } from "./reasons.ts";
import type { BuyingAsk, Decision } from "./types.ts";

type BuyingReason = keyof typeof buyingReasons;

/** One constraint of the sale, as it stands before the ask: where `decide` looks. */
export interface Constraint extends Sum {
  readonly reason: BuyingReason;
  readonly state: "PASSED" | "BINDING" | "NOT_REACHED" | "NOT_SET";
}

/** In units or in minor units. Below zero `left` is what is missing. */
interface Sum {
  readonly period?: PeriodName;
  readonly limit?: bigint;
  readonly used?: bigint;
  readonly asked?: bigint;
  readonly left?: bigint;
  readonly resetsAtMs?: number;
}

interface Rule extends Sum {
  readonly reason: BuyingReason;
  /** The mandate has no such rule. */
  readonly isOff?: boolean;
}

/**
 * All constraints of an ask that was decided by these facts. Which of them binds is what the decision
 * says, so that the two never differ; the facts have the arithmetic.
 */
export function constraintsOf(facts: Facts, ask: BuyingAsk, decision: Decision): Constraint[] {
  const books = openBooks(facts, 1);
  const mandate = facts.mandates.get(ask.mandateId);
  if (!mandate) return [];
  const rules = inOrder([
    ...stockRules(books, ask),
    ...termRules(mandate, ask),
    ...moneyRules(books, ask),
  ]);
  const told = toldBy(decision);
  const bindsAt = told
    ? rules.findIndex(({ reason, period }) => reason === told.reason && period === told.period)
    : rules.length;
  return rules.map(({ isOff = false, ...rule }, at): Constraint => {
    if (at === bindsAt) return { ...rule, ...told, state: "BINDING" };
    if (isOff) return { ...rule, state: "NOT_SET" };
    return { ...rule, state: at < bindsAt ? "PASSED" : "NOT_REACHED" };
  });
}

interface Told {
  readonly reason: BuyingReason;
  readonly period?: PeriodName;
  readonly resetsAtMs?: number;
}

function toldBy(decision: Decision): Told | undefined {
  if (decision.kind !== "declined") return undefined;
  const told = JSON.parse(decision.text) as Omit<Told, "resetsAtMs"> & { resetsAt?: string };
  const { reason, period, resetsAt } = told;
  return {
    reason,
    ...(period !== undefined && { period }),
    ...(resetsAt !== undefined && { resetsAtMs: Date.parse(resetsAt) }),
  };
}

/** Of several items the one that lacks units, or else the first. */
function stockRules(books: Books, ask: BuyingAsk): Rule[] {
  const wanted = new Map<string, bigint>();
  for (const { itemId, quantity } of ask.lines) {
    const poolId = books.facts.items.get(itemId)?.poolId;
    if (poolId !== undefined) wanted.set(poolId, (wanted.get(poolId) ?? 0n) + quantity);
  }
  const sums = [...wanted].map(([poolId, asked]) => {
    const limit = books.pool(poolId).total;
    return { limit, asked, left: limit - asked };
  });
  const shown = sums.find(({ left }) => left < 0n) ?? sums[0];
  return [{ reason: "ITEM_CLOSED" }, { reason: "SOLD_OUT", ...shown }];
}

function termRules(mandate: MandateFact, ask: BuyingAsk): Rule[] {
  const { purchaseMaxMinor: most, startsAtMs } = mandate;
  const asked = ask.amountMinor;
  const isDuplicateOff = mandate.duplicateWindowMs === null || ask.again === true;
  return [
    { reason: "AGENT_BLOCKED" },
    { reason: "REVOKED" },
    { reason: "PAUSED" },
    {
      reason: "NOT_STARTED",
      isOff: startsAtMs === null,
      ...(startsAtMs !== null && { resetsAtMs: startsAtMs }),
    },
    { reason: "EXPIRED", isOff: mandate.expiresAtMs === null },
    { reason: "AGENT", isOff: mandate.agentId === null },
    { reason: "MERCHANT", isOff: mandate.allowedMerchants === null },
    { reason: "ITEM", isOff: mandate.allowedItems === null },
    { reason: "CURRENCY" },
    {
      reason: "PURCHASE_MAX",
      isOff: most === null,
      ...(most !== null && inOneCurrency(mandate, ask, { limit: most, asked, left: most - asked })),
    },
    { reason: "DUPLICATE_SUSPECTED", isOff: isDuplicateOff },
  ];
}

/** Nothing is taken from euros in dollars. */
function inOneCurrency(mandate: MandateFact, ask: BuyingAsk, sum: Sum): Sum {
  if (mandate.currency === ask.currency) return sum;
  const { asked: _, left: __, ...alone } = sum;
  return alone;
}

function moneyRules(books: Books, ask: BuyingAsk): Rule[] {
  const mandate = books.mandate(ask.mandateId);
  const asked = ask.amountMinor;
  const sum = (limit: bigint, free: bigint): Sum =>
    inOneCurrency(mandate.fact, ask, { limit, used: limit - free, asked, left: free - asked });
  const periods = periodNames.map((period): Rule => {
    const rule = mandate.fact.periods[period];
    if (!rule) return { reason: "PERIOD", period, isOff: true };
    const { limitMinor, resetsAtMs } = rule;
    return {
      reason: "PERIOD",
      period,
      resetsAtMs,
      ...sum(limitMinor, mandate.room[period] ?? 0n),
    };
  });
  return [...periods, { reason: "CAP", ...sum(mandate.fact.capMinor, mandate.remaining) }];
}
