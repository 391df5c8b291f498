import type { WholeAskView } from "../../../../server/purchases/whole/wire.ts";
import { formatMoment, formatMoney, formatNumber, formatSpan } from "../../ui/format.ts";
import { reasonOf, type BuyingReason } from "../reasons.ts";

/** What the API says in codes, as people say it. */

export function reasonWords(reason: string, period?: string): string {
  return reasonOf(reason, period).label;
}

/** What each check asks, for those that are passed or not. */
export const questions: Readonly<Record<BuyingReason, string>> = {
  SOLD_OUT: "Stock",
  ITEM_CLOSED: "Item is on sale",
  AGENT_BLOCKED: "Agent is not blocked",
  PAUSED: "Mandate is active",
  REVOKED: "Mandate is not revoked",
  NOT_STARTED: "Mandate has begun",
  EXPIRED: "Mandate has not ended",
  AGENT: "Mandate is this agent's",
  MERCHANT: "Merchant is allowed",
  ITEM: "Item is allowed",
  CURRENCY: "Currency is the mandate's",
  PURCHASE_MAX: "Purchase maximum",
  DUPLICATE_SUSPECTED: "Not bought a moment ago",
  PERIOD: "Period limit",
  CAP: "Mandate cap",
};

/** How an ask stands, in the words of OutcomeBadge. */
export function standingOf({ kind, answer, purchase }: WholeAskView): string {
  if (answer.outcome === "DECLINED" || !purchase) return answer.outcome;
  const { state, settledMinor, refundedMinor } = purchase;
  if (state === "held") return "HELD";
  if (state === "released") return "RELEASED";
  if (state === "expired") return "EXPIRED";
  if (refundedMinor > 0 && refundedMinor >= settledMinor) return "REFUNDED";
  return kind === "hold" ? "CAPTURED" : "COMMITTED";
}

export function isPartRefunded({ purchase }: WholeAskView): boolean {
  return !!purchase && purchase.refundedMinor > 0 && purchase.refundedMinor < purchase.settledMinor;
}

export function thingOf({ request, names }: Pick<WholeAskView, "request" | "names">): string {
  const name = names.item ?? request.itemId?.slice(0, 8) ?? "";
  return `${formatNumber(request.quantity ?? 1)} × ${name}`;
}

type Declined = Extract<WholeAskView["answer"], { outcome: "DECLINED" }> & {
  readonly period?: string;
  readonly resetsAt?: string;
};

/** The verdict on an ask, in a sentence or three. */
export function verdictOf(ask: WholeAskView, now: number): string {
  const { answer, names, request, purchase } = ask;
  if (answer.outcome === "DECLINED") return refusal(answer as Declined, request.currency, now);
  const money = (minor: number): string => formatMoney(minor, request.currency ?? "USD");
  const what = `${thingOf(ask)} for ${money(request.amountMinor ?? 0)}`;
  const payer = names.mandate === null ? "" : `, paid under the mandate ${names.mandate}`;
  if (!purchase) return `Bought: ${what}${payer}.`;
  const { state, expiresAt, settledMinor, amountMinor, refundedMinor } = purchase;
  const until = expiresAt === null ? 0 : Date.parse(expiresAt);
  const back =
    refundedMinor === 0
      ? ""
      : refundedMinor === settledMinor
        ? " All of it was refunded."
        : ` ${money(refundedMinor)} of it was refunded, ${money(settledMinor - refundedMinor)} is left.`;
  switch (state) {
    case "held":
      return `Held: ${what}. Until ${formatMoment(until, now)}, ${formatSpan(until - now)} from now; then it gives itself back.`;
    case "released":
      return `Released: ${what} was held and given back. Nothing was paid.`;
    case "expired":
      return `Expired: ${what} was held until ${formatMoment(until, now)} and not captured. Nothing was paid.`;
    case "settled":
      if (ask.kind === "commit") return `Bought: ${what}${payer}.${back}`;
      return settledMinor === amountMinor
        ? `Captured: ${what}${payer}.${back}`
        : `Captured: ${money(settledMinor)} of the ${money(amountMinor)} that were held${payer}.${back}`;
  }
}

function refusal(answer: Declined, currency: string | undefined, now: number): string {
  const { reason, period, limit = 0, used = 0, asked = 0, resetsAt, detail } = answer;
  const money = (minor: number | bigint): string => formatMoney(minor, currency ?? "USD");
  const sum = `Spent ${money(used)} + this ${money(asked)} = ${money(BigInt(used) + BigInt(asked))} > ${money(limit)}.`;
  const again = resetsAt === undefined ? "" : ` ${resetWords(reason, resetsAt, now)}`;
  const start = `Refused: ${reasonWords(reason, period).toLowerCase()}.`;
  switch (reason) {
    case "PERIOD":
      return `${start} ${sum}${again}`;
    case "CAP":
      return `${start} ${sum} Its principal can set a higher cap.`;
    case "SOLD_OUT":
      return `${start} ${formatNumber(asked)} ${asked === 1 ? "was" : "were"} asked for, ${formatNumber(limit)} ${limit === 1 ? "was" : "were"} free.`;
    case "PURCHASE_MAX":
      return `${start} This ${money(asked)} > ${money(limit)} for one purchase.`;
    case "DUPLICATE_SUSPECTED":
      return `Refused: the same agent bought the same a moment ago, under another key.${again}`;
    case "NOT_STARTED":
      return `${start}${again}`;
    default:
      return `${start} ${detail}`;
  }
}

function resetWords(reason: string, resetsAt: string, now: number): string {
  const at = Date.parse(resetsAt);
  const when = formatMoment(at, now);
  const verb =
    { NOT_STARTED: "Begins", DUPLICATE_SUSPECTED: "Passes again from" }[reason] ?? "Resets";
  return at > now ? `${verb} ${when}, in ${formatSpan(at - now)}.` : `Over since ${when}.`;
}

interface RefusedAct {
  readonly reason: string;
  readonly detail: string;
  readonly limit?: number | undefined;
  readonly used?: number | undefined;
  readonly asked?: number | undefined;
}

/** Why a hold was not captured, or a purchase not refunded: in the dialog that asked for it. */
export function refusalOfAct(answer: RefusedAct, currency: string | undefined): string {
  const { reason, limit = 0, used = 0, asked = 0, detail } = answer;
  const money = (minor: number | bigint): string => formatMoney(minor, currency ?? "USD");
  const left = BigInt(limit) - BigInt(used);
  if (reason === "OVER_REFUND") {
    return `${money(asked)} is more than the ${money(left)} that can still go back. Of ${money(limit)} that was paid ${money(used)} was refunded before.`;
  }
  if (reason === "OVER_RETURN") {
    return `${formatNumber(asked)} is more than the ${formatNumber(left)} that can still come back. Of ${formatNumber(limit)} bought ${formatNumber(used)} came back before.`;
  }
  return detail.replaceAll("`", "");
}
