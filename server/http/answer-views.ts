import { z } from "zod";
import { buyingExample } from "./fields.ts";
import { count, currency, id, minor, time } from "./shapes.ts";

/** The stored answers of the kernel, as `kernel/answers.ts` writes them. */

const intentId = id.meta({
  description: "This ask's id. A purchase or a hold is called by the id of the ask that made it.",
});
const attempts = z.int().min(1).meta({ description: "1 and the races that were lost before." });
const replayed = z
  .boolean()
  .meta({ description: "Whether this was answered before, under the same key." });
const ledgerTxnId = id.meta({ description: "The balanced double entry in the ledger." });
const chosenBucketId = z
  .string()
  .meta({ description: "The slice of the stock that was claimed from: its pool and its number." });
const expiresAt = time.meta({ description: "Until when the hold can be captured." });

const example = {
  intentId: "019aa0f5-1d52-7c04-93a7-2f6b8e0d4c44",
  ledgerTxnId: "019aa0f5-1d52-7c04-93a7-2f6b8e0d4c44",
  chosenBucketId: "019aa0f2-6c22-7a19-a5d6-3c4b5e6f7a55:17",
};
const paid = { amountMinor: buyingExample.amountMinor, currency: buyingExample.currency };
const last = { attempts: 1, replayed: false };
const again = "019aa0f7-30b8-7e66-8f21-9a8b7c6d5e66";
const extension = { intentId: again, purchaseId: example.intentId };
const ofPurchase = { ...extension, ledgerTxnId: again };
const later = "2026-11-20T16:10:00.000Z";

export const committed = z
  .object({
    outcome: z.literal("COMMITTED"),
    intentId,
    ledgerTxnId,
    chosenBucketId: chosenBucketId.optional(),
    amountMinor: minor,
    currency,
    attempts,
    replayed,
  })
  .meta({
    id: "Committed",
    description: "Stock is claimed, the mandate debited, the ledger written: all of it, once.",
    examples: [{ outcome: "COMMITTED", ...example, ...paid, ...last }],
  });

export const held = z
  .object({
    ...committed.shape,
    outcome: z.literal("HELD"),
    expiresAt,
  })
  .meta({
    id: "Held",
    description: "Units and money are kept for this buyer until `expiresAt`.",
    examples: [{ outcome: "HELD", ...example, expiresAt: later, ...paid, ...last }],
  });

const purchaseId = id.meta({ description: "The purchase or the hold that this was about." });
const sum = { amountMinor: minor, currency, attempts, replayed };
const onPurchase = { intentId, purchaseId, ledgerTxnId, ...sum };

export const captured = z.object({ outcome: z.literal("CAPTURED"), ...onPurchase }).meta({
  id: "Captured",
  description: "The hold is a purchase now; what was not captured went back.",
  examples: [{ outcome: "CAPTURED", ...ofPurchase, ...paid, ...last }],
});

export const extended = z
  .object({ outcome: z.literal("EXTENDED"), intentId, purchaseId, expiresAt, ...sum })
  .meta({
    id: "Extended",
    description: "The hold ends at `expiresAt`: never earlier than before.",
    examples: [{ outcome: "EXTENDED", ...extension, expiresAt: later, ...paid, ...last }],
  });

export const released = z.object({ outcome: z.literal("RELEASED"), ...onPurchase }).meta({
  id: "Released",
  description: "Units and money of the hold are free again.",
  examples: [{ outcome: "RELEASED", ...ofPurchase, ...paid, ...last }],
});

export const refunded = z.object({ outcome: z.literal("REFUNDED"), ...onPurchase }).meta({
  id: "Refunded",
  description: "The money is back under the mandate, and the units on the shelf where asked.",
  examples: [{ outcome: "REFUNDED", ...ofPurchase, ...paid, ...last }],
});

/** The constraint that binds, in numbers. */
export const binding = {
  period: z
    .enum(["day", "week", "month"])
    .optional()
    .meta({ description: "The period whose limit binds." }),
  limit: count.optional().meta({ description: "What there is at most: units or minor units." }),
  used: count.optional().meta({ description: "What of the limit is used." }),
  asked: count.optional().meta({ description: "What this ask wanted." }),
  resetsAt: time.optional().meta({ description: "When the same ask, under a new key, may pass." }),
};

/** What each reason says, and what a buyer can do: the reference lists it. */
export const buyingReasons = {
  SOLD_OUT: "`asked` is more than the `limit` of units that are free.",
  ITEM_CLOSED: "The item is not on sale now.",
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
} as const;

export const purchaseReasons = {
  HOLD_EXPIRED: "The hold ended before: take a new one.",
  RELEASED: "The hold was given back before.",
  CAPTURED: "The hold was captured before.",
  NOT_SETTLED: "Nothing was paid that could be given back: a hold is released, not refunded.",
  OVER_REFUND: "More than what is left of the `limit` that was paid, after `used`.",
  OVER_RETURN: "More units than were bought and not returned yet.",
} as const;

function reasons<Names extends Readonly<Record<string, string>>>(all: Names) {
  const lines = Object.entries(all).map(([name, says]) => `- \`${name}\`: ${says}`);
  return z
    .enum(Object.keys(all) as (keyof Names & string)[])
    .meta({ description: `Why, and what to do:\n\n${lines.join("\n")}` });
}

export const failure = {
  failureCode: z.enum(["OUT_OF_STOCK", "MANDATE_REJECTED"]),
  reason: reasons(buyingReasons),
  ...binding,
};

export const declined = z
  .object({ outcome: z.literal("DECLINED"), intentId, ...failure, attempts, replayed })
  .meta({
    id: "Declined",
    description: "A no of the business: it is stored, and this key is answered with it for ever.",
    examples: [
      {
        outcome: "DECLINED",
        intentId: example.intentId,
        failureCode: "OUT_OF_STOCK",
        reason: "SOLD_OUT",
        limit: 0,
        asked: 1,
        ...last,
      },
    ],
  });

export const declinedOnPurchase = z
  .object({
    outcome: z.literal("DECLINED"),
    intentId,
    failureCode: z.enum(["HOLD_EXPIRED", "ALREADY_SETTLED", "OVER_REFUND"]),
    reason: reasons(purchaseReasons),
    limit: binding.limit,
    used: binding.used,
    asked: binding.asked,
    attempts,
    replayed,
  })
  .meta({
    id: "DeclinedOnPurchase",
    description: "What was asked of the purchase or the hold is not possible any more.",
    examples: [
      {
        outcome: "DECLINED",
        intentId: ofPurchase.intentId,
        failureCode: "ALREADY_SETTLED",
        reason: "CAPTURED",
        ...last,
      },
    ],
  });
