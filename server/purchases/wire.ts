import { z } from "zod";
import * as answers from "../http/answer-views.ts";
import { buyingExample, buyingFields, idempotencyKey, onPurchaseFields } from "../http/fields.ts";
import { pageQuery } from "../http/list.ts";
import { problemView } from "../http/wire.ts";
import { count, currency, id, listOf, minor, time, uuid, whole } from "../http/shapes.ts";
import type { Constraint } from "../kernel/constraints.ts";
import { buyingReasons } from "../kernel/reasons.ts";

/** The bodies and answers of /v1/purchases, as the reference has them. */

export const commitBody = z
  .strictObject({ ...buyingFields, idempotencyKey })
  .meta({ id: "Commit", examples: [buyingExample] });

export type CommitBody = z.input<typeof commitBody>;

export const asksMax = 500;

const asksOf = <Ask extends z.ZodType>(ask: Ask) =>
  z.strictObject({
    asks: z
      .array(ask, "must be an array of asks")
      .min(1, "must not be empty")
      .max(asksMax, `must have ${asksMax} asks at most`),
  });

/** Each is read on its own, as a commit: a bad one fails alone. */
export const commitManyBody = asksOf(z.unknown());

export const commitManyShape = asksOf(
  commitBody.required({ idempotencyKey: true }).meta({
    id: "CommitOfMany",
    description: "A commit, with a key of its own.",
  }),
).meta({
  examples: [
    {
      asks: [
        { ...buyingExample, idempotencyKey: "order-1" },
        { ...buyingExample, quantity: 2, amountMinor: 5000, idempotencyKey: "order-2" },
      ],
    },
  ],
});

export const commitManyView = z
  .object({
    answers: z
      .array(
        z.object({
          status: z.int().meta({ description: "As the single route would answer." }),
          body: z.union([answers.committed, answers.declined, problemView]),
        }),
      )
      .meta({ description: "One for each ask, in their order." }),
  })
  .meta({ description: "An answer for each ask." });

export const quoteBody = z
  .strictObject({
    ...buyingFields,
    explain: z.boolean("must be true or false").optional().meta({
      description:
        "True: the answer has every constraint of the sale, in the order they are looked at.",
    }),
  })
  .meta({ id: "QuotedPurchase", examples: [buyingExample] });

const constraintView = z
  .object({
    reason: answers.failure.reason.meta({ description: "What a decline by it is called." }),
    state: z.enum(["PASSED", "BINDING", "NOT_REACHED", "NOT_SET"]).meta({
      description:
        "`BINDING`: it declines, and those after it are `NOT_REACHED`. `NOT_SET`: the mandate has no such rule.",
    }),
    ...answers.binding,
    left: count.optional().meta({
      description: "What would be left after this ask; below zero: what is missing.",
    }),
  })
  .meta({
    id: "Constraint",
    description: "One constraint of the sale, as it stands before the ask.",
  });

export type ConstraintView = z.output<typeof constraintView>;

const constraints = z
  .array(constraintView)
  .optional()
  .meta({ description: "Where `explain` was asked for: all of them, in the order of a commit." });

/** What a commit would be answered now; a decline says which constraint binds, in numbers. */
export const quoteView = z
  .discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("WOULD_COMMIT"), amountMinor: minor, currency, constraints }),
    z.object({ outcome: z.literal("WOULD_DECLINE"), ...answers.failure, constraints }),
  ])
  .meta({
    id: "Quote",
    description: "What a commit would be answered now. Nothing is written, nothing promised.",
    examples: [
      { outcome: "WOULD_COMMIT", amountMinor: 2500, currency: "USD" },
      {
        outcome: "WOULD_DECLINE",
        failureCode: "MANDATE_REJECTED",
        reason: "CAP",
        detail: buyingReasons.CAP,
        limit: 100_000,
        used: 99_000,
        asked: 2500,
      },
    ],
  });

export type QuoteView = z.output<typeof quoteView>;

/** What only an answer on record has. */
const ofRecord: readonly string[] = [
  "outcome",
  "intentId",
  "ledgerTxnId",
  "chosenBucketId",
  "attempts",
  "replayed",
] satisfies (keyof z.output<typeof answers.committed>)[];

/** The answer that a commit would get, as a quote. */
export function quoteOf(granted: boolean, text: string, explained?: readonly Constraint[]): object {
  const answer = Object.entries(JSON.parse(text) as object);
  const rest = answer.filter(([name]) => !ofRecord.includes(name));
  return {
    outcome: granted ? "WOULD_COMMIT" : "WOULD_DECLINE",
    ...Object.fromEntries(rest),
    ...(explained && { constraints: explained.map(viewOfConstraint) }),
  };
}

function viewOfConstraint(constraint: Constraint): ConstraintView {
  const { reason, state, period, limit, used, asked, left, resetsAtMs } = constraint;
  return {
    reason,
    state,
    ...(period !== undefined && { period }),
    ...(limit !== undefined && { limit: Number(limit) }),
    ...(used !== undefined && { used: Number(used) }),
    ...(asked !== undefined && { asked: Number(asked) }),
    ...(left !== undefined && { left: Number(left) }),
    ...(resetsAtMs !== undefined && { resetsAt: new Date(resetsAtMs).toISOString() }),
  };
}

export const listQuery = z.object({
  ...pageQuery.shape,
  outcome: z
    .enum(["committed", "held", "declined"], "must be committed, held or declined")
    .optional(),
  merchantId: uuid.optional(),
  mandateId: uuid.optional(),
  itemId: uuid.optional(),
  idempotencyKey: z.string().optional().meta({
    description: "With `merchantId`, and nothing else: the look-up of one ask by its key.",
  }),
});

export type ListQuery = z.output<typeof listQuery>;

export const refundBody = z
  .strictObject({
    ...onPurchaseFields,
    amountMinor: whole(0).meta({ description: "What goes back, in minor units." }),
    returnQuantity: whole(0).optional().meta({ description: "Units that go back on the shelf." }),
  })
  .refine(({ amountMinor, returnQuantity = 0 }) => amountMinor + returnQuantity > 0, {
    path: ["amountMinor"],
    message: "must be more than 0 where no units come back",
  })
  .meta({
    examples: [{ merchantId: buyingExample.merchantId, amountMinor: 2500, returnQuantity: 1 }],
  });

/** What is on record of an ask: who asked what is the request's, the answer is ours for ever. */
export const askView = z
  .object({
    id: id.meta({ description: "The `intentId` of its answer." }),
    kind: z.enum(["commit", "hold", "capture", "extend", "release", "refund"]),
    merchantId: id,
    idempotencyKey: z.string(),
    createdAt: time,
    answer: z.union([
      answers.committed,
      answers.held,
      answers.declined,
      answers.captured,
      answers.extended,
      answers.released,
      answers.refunded,
      answers.declinedOnPurchase,
    ]),
  })
  .meta({
    id: "Ask",
    description: "What is on record of an ask, with the answer that it was given.",
    examples: [
      {
        id: "019aa0f5-1d52-7c04-93a7-2f6b8e0d4c44",
        kind: "commit",
        merchantId: buyingExample.merchantId,
        idempotencyKey: "order-1",
        createdAt: "2026-11-20T16:00:00.000Z",
        answer: {
          outcome: "COMMITTED",
          intentId: "019aa0f5-1d52-7c04-93a7-2f6b8e0d4c44",
          ledgerTxnId: "019aa0f5-1d52-7c04-93a7-2f6b8e0d4c44",
          amountMinor: 2500,
          currency: "USD",
          attempts: 1,
          replayed: false,
        },
      },
    ],
  });

export const askList = listOf("AskList", askView);
