import type { buyingReasons } from "./reasons.ts";
import type { PeriodName } from "./facts.ts";

type BuyingReason = keyof typeof buyingReasons;

export interface Check {
  readonly reason: BuyingReason;
  readonly period?: PeriodName;
}

/**
 * What a commit or a hold is held against, in the order of commit.ts: the first that stops it is its
 * answer, and what stands after it was not looked at.
 */
export const checks: readonly Check[] = [
  { reason: "ITEM_CLOSED" },
  { reason: "SOLD_OUT" },
  { reason: "AGENT_BLOCKED" },
  { reason: "REVOKED" },
  { reason: "PAUSED" },
  { reason: "NOT_STARTED" },
  { reason: "EXPIRED" },
  { reason: "AGENT" },
  { reason: "MERCHANT" },
  { reason: "ITEM" },
  { reason: "CURRENCY" },
  { reason: "PURCHASE_MAX" },
  { reason: "DUPLICATE_SUSPECTED" },
  { reason: "PERIOD", period: "day" },
  { reason: "PERIOD", period: "week" },
  { reason: "PERIOD", period: "month" },
  { reason: "CAP" },
];

/** Rules stand in this order wherever they are listed. */
export function inOrder<
  Rule extends { readonly reason: string; readonly period?: string | undefined },
>(rules: readonly Rule[]): Rule[] {
  return checks.flatMap(({ reason, period }) =>
    rules.filter((rule) => rule.reason === reason && rule.period === period),
  );
}
