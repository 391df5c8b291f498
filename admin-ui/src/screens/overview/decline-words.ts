/** What stopped an ask, in a word or some; and whose rule it was, which has a colour everywhere. */
const words: Readonly<Record<string, readonly [label: string, colour: string]>> = {
  SOLD_OUT: ["Sold out", "var(--c-stock)"],
  ITEM_CLOSED: ["Item closed", "var(--c-stock)"],
  AGENT_BLOCKED: ["Agent blocked", "var(--c-agent)"],
  AGENT: ["Another agent's mandate", "var(--c-agent)"],
  DUPLICATE_SUSPECTED: ["Bought the same a moment ago", "var(--c-agent)"],
  PAUSED: ["Mandate paused", "var(--c-mandate)"],
  REVOKED: ["Mandate revoked", "var(--c-mandate)"],
  NOT_STARTED: ["Mandate not begun", "var(--c-mandate)"],
  EXPIRED: ["Mandate ended", "var(--c-mandate)"],
  MERCHANT: ["Merchant not allowed", "var(--c-mandate)"],
  ITEM: ["Item not allowed", "var(--c-mandate)"],
  CURRENCY: ["Mandate in another currency", "var(--c-mandate)"],
  CAP: ["Over the mandate's cap", "var(--c-mandate)"],
  PURCHASE_MAX: ["Over the limit of one purchase", "var(--c-velocity)"],
  PERIOD: ["Over the limit of a day, week or month", "var(--c-velocity)"],
  HOLD_EXPIRED: ["Hold ended before", "var(--mute)"],
  RELEASED: ["Hold given back before", "var(--mute)"],
  CAPTURED: ["Hold captured before", "var(--mute)"],
  NOT_SETTLED: ["Nothing paid to give back", "var(--mute)"],
  OVER_REFUND: ["More than was paid", "var(--mute)"],
  OVER_RETURN: ["More units than were bought", "var(--mute)"],
};

export function wordsOfDecline(reason: string): readonly [label: string, colour: string] {
  return words[reason] ?? [reason, "var(--mute)"];
}
