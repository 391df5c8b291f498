import type { ConstraintView } from "../../../server/purchases/wire.ts";

export type BuyingReason = ConstraintView["reason"];

export interface ReasonWords {
  readonly label: string;
  /** Whose rule it was has a colour of its own, everywhere. */
  readonly colour: "--c-stock" | "--c-agent" | "--c-mandate" | "--c-velocity" | "--mute";
}

const of =
  (colour: ReasonWords["colour"]) =>
  (label: string): ReasonWords => ({ label, colour });
const [stock, agent, mandate] = [of("--c-stock"), of("--c-agent"), of("--c-mandate")];
const [velocity, other] = [of("--c-velocity"), of("--mute")];

/** What an ask to buy is declined for, as every screen calls it. */
export const buyingReasons: Readonly<Record<BuyingReason, ReasonWords>> = {
  ITEM_CLOSED: stock("Item closed"),
  SOLD_OUT: stock("Sold out"),
  AGENT_BLOCKED: agent("Agent blocked"),
  REVOKED: mandate("Mandate revoked"),
  PAUSED: mandate("Mandate paused"),
  NOT_STARTED: mandate("Mandate not begun"),
  EXPIRED: mandate("Mandate ended"),
  AGENT: agent("Another agent's mandate"),
  MERCHANT: mandate("Merchant not allowed"),
  ITEM: mandate("Item not allowed"),
  CURRENCY: mandate("Other currency"),
  PURCHASE_MAX: velocity("Purchase maximum"),
  DUPLICATE_SUSPECTED: agent("Same again"),
  PERIOD: velocity("Period limit"),
  CAP: mandate("Mandate cap"),
};

/** What is declined after a sale: somebody gave back too much, or came too late. */
const laterReasons: Readonly<Record<string, ReasonWords>> = {
  HOLD_EXPIRED: other("Hold ended before"),
  RELEASED: other("Hold given back before"),
  CAPTURED: other("Hold captured before"),
  NOT_SETTLED: other("Nothing paid to give back"),
  OVER_REFUND: other("More than was paid"),
  OVER_RETURN: other("More units than were bought"),
};

const reasons: Readonly<Record<string, ReasonWords>> = { ...buyingReasons, ...laterReasons };

/** Whether it stopped somebody who wanted to buy. */
export const stopsASale = (reason: string): boolean => !(reason in laterReasons);

const periods: Readonly<Record<string, string>> = {
  day: "Day limit",
  week: "Week limit",
  month: "Month limit",
};

/** A reason that is newer than this page has its code for a name. */
export function reasonOf(code: string, period?: string): ReasonWords {
  const { label, colour } = reasons[code] ?? other(code);
  return { label: periods[period ?? ""] ?? label, colour };
}
