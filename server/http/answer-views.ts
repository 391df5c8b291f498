import { z } from "zod";
import { buyingReasons, purchaseReasons } from "../kernel/reasons.ts";
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

function reasons<Names extends Readonly<Record<string, string>>>(all: Names) {
  const lines = Object.entries(all).map(([name, says]) => `- \`${name}\`: ${says}`);
  return z
    .enum(Object.keys(all) as (keyof Names & string)[])
    .meta({ description: `Why, and what to do:\n\n${lines.join("\n")}` });
}

const detail = z.string().meta({ description: "Why, and what to do, in words." });

export const failure = {
  failureCode: z.enum(["OUT_OF_STOCK", "MANDATE_REJECTED"]),
  reason: reasons(buyingReasons),
  detail,
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
        detail: buyingReasons.SOLD_OUT,
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
    detail,
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
        detail: purchaseReasons.CAPTURED,
        ...last,
      },
    ],
  });
