import { z } from "zod";
import { buyingFields, idempotencyKey, onPurchaseFields } from "../http/fields.ts";
import { uuid, whole } from "../http/shapes.ts";

/** The bodies and answers of /v1/purchases, as the reference has them. */

export const commitBody = z.strictObject({ ...buyingFields, idempotencyKey });

export type CommitBody = z.input<typeof commitBody>;

export const asksMax = 500;

export const commitManyBody = z.strictObject({
  /** Each is read on its own: a bad one fails alone. */
  asks: z
    .array(z.unknown(), "must be an array of asks")
    .min(1, "must not be empty")
    .max(asksMax, `must have ${asksMax} asks at most`),
});

export const quoteBody = z.strictObject(buyingFields);

/** What a commit would be answered now; a decline says which constraint binds, in numbers. */
export interface Quote {
  readonly outcome: "WOULD_COMMIT" | "WOULD_DECLINE";
  readonly amountMinor?: number;
  readonly currency?: string;
  readonly failureCode?: "OUT_OF_STOCK" | "MANDATE_REJECTED";
  readonly reason?: string;
  readonly period?: string;
  readonly limit?: number;
  readonly used?: number;
  readonly asked?: number;
  readonly resetsAt?: string;
}

/** What only an answer on record has. */
const ofRecord: readonly string[] = [
  "outcome",
  "intentId",
  "ledgerTxnId",
  "chosenBucketId",
  "attempts",
  "replayed",
] satisfies (keyof Snapshot)[];

/** The answer that a commit would get, as a quote. */
export function quoteOf(granted: boolean, text: string): Quote {
  const answer = Object.entries(JSON.parse(text) as Snapshot);
  const rest = answer.filter(([name]) => !ofRecord.includes(name));
  return { outcome: granted ? "WOULD_COMMIT" : "WOULD_DECLINE", ...Object.fromEntries(rest) };
}

/** The filters of the list, besides limit and cursor. */
export const listQuery = z.object({
  outcome: z
    .enum(["committed", "held", "declined"], "must be committed, held or declined")
    .optional(),
  merchantId: uuid.optional(),
  mandateId: uuid.optional(),
  itemId: uuid.optional(),
});

export const refundBody = z
  .strictObject({
    ...onPurchaseFields,
    amountMinor: whole(0),
    /** Units that go back on the shelf. */
    returnQuantity: whole(0).optional(),
  })
  .refine(({ amountMinor, returnQuantity = 0 }) => amountMinor + returnQuantity > 0, {
    path: ["amountMinor"],
    message: "must be more than 0 where no units come back",
  });

/** The stored answer to a commit, with `replayed` telling whether it was given before. */
export interface Snapshot {
  readonly outcome: "COMMITTED" | "DECLINED";
  readonly intentId: string;
  readonly ledgerTxnId?: string;
  readonly chosenBucketId?: string;
  readonly amountMinor?: number;
  readonly currency?: string;
  readonly failureCode?: "OUT_OF_STOCK" | "MANDATE_REJECTED";
  readonly reason?: string;
  readonly attempts: number;
  readonly replayed: boolean;
}
