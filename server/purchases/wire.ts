import { z } from "zod";

/** The bodies and answers of /v1/purchases, as the reference has them. */

const uuid = z
  .string("must be a UUID")
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "must be a UUID")
  // Some systems write them in capitals; one id has one fingerprint.
  .toLowerCase();

/** All that there are, but for those of tests and of no currency. */
const currencies = new Set(Intl.supportedValuesOf("currency"));
for (const none of ["XXX", "XTS"]) currencies.delete(none);

const amount = (least: number) =>
  z.int("must be a whole number").min(least, `must be at least ${least}`);

export const commitBody = z.strictObject({
  merchantId: uuid,
  mandateId: uuid,
  itemId: uuid,
  agentId: z
    .string("must be a string")
    .min(1, "must not be empty")
    .max(255, "must have 255 characters at most")
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, "must hold no invisible characters")
    .regex(/\S/, "must not be blank"),
  quantity: amount(1),
  amountMinor: amount(0),
  currency: z
    .string("must be a string")
    .refine((code) => currencies.has(code), "must be an ISO 4217 code in capitals"),
  /** Counts where there is no Idempotency-Key header. */
  idempotencyKey: z.string("must be a string").optional(),
});

export type CommitBody = z.input<typeof commitBody>;

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
