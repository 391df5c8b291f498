import type { DeclineReason } from "./types.ts";

/**
 * What each decline says in words, and what a buyer can do: a part of the stored answer, so a sentence
 * that is changed here stays as it was in the answers that were given. No quotes and no backslashes.
 */

/** To a commit or a hold. */
export const buyingReasons = {
  SOLD_OUT: "`asked` is more than the `limit` of units that are free.",
  ITEM_CLOSED: "The item is not on sale now.",
  AGENT_BLOCKED: "The agent is blocked: whoever sells here can unblock it.",
  PAUSED: "The mandate is paused: its principal can activate it.",
  REVOKED: "The mandate is revoked for good: another one is needed.",
  NOT_STARTED: "The mandate counts from `resetsAt` on.",
  EXPIRED: "The mandate has ended: another one is needed.",
  AGENT: "The mandate is another agent's.",
  MERCHANT: "The mandate does not allow this merchant.",
  ITEM: "The mandate does not allow this item.",
  CURRENCY: "The mandate is in another currency.",
  PURCHASE_MAX: "`asked` is more than the `limit` of one purchase: buy less at a time.",
  DUPLICATE_SUSPECTED:
    "The same agent bought the same a moment ago, under another key: find that purchase. Who means a second one sends `again: true` under a new key, or waits until `resetsAt`.",
  PERIOD: "The `limit` of the `period` would be passed: wait until `resetsAt`.",
  CAP: "The `limit` of the mandate would be passed: its principal can set a higher cap.",
} satisfies Partial<Record<DeclineReason, string>>;

/** To a capture, an extension, a release or a refund. */
export const purchaseReasons = {
  HOLD_EXPIRED: "The hold ended before: take a new one.",
  RELEASED: "The hold was given back before.",
  CAPTURED: "The hold was captured before.",
  NOT_SETTLED: "Nothing was paid that could be given back: a hold is released, not refunded.",
  OVER_REFUND: "More than what is left of the `limit` that was paid, after `used`.",
  OVER_RETURN: "More units than were bought and not returned yet.",
} satisfies Partial<Record<DeclineReason, string>>;

export const sentences: Readonly<Record<DeclineReason, string>> = {
  ...buyingReasons,
  ...purchaseReasons,
};
