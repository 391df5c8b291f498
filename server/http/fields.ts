import { z } from "zod";
import { currency, uuid, whole, words } from "./shapes.ts";

/** The fields that the bodies of asks have in common. */

/** Counts where there is no Idempotency-Key header. */
export const idempotencyKey = z.string("must be a string").optional();

/** What is bought, by whom, with whose money: for commit, hold and quote. */
export const buyingFields = {
  merchantId: uuid,
  mandateId: uuid,
  itemId: uuid,
  agentId: words(255),
  quantity: whole(1),
  amountMinor: whole(0),
  currency,
};

const buying = z.strictObject(buyingFields);
export type BuyingBody = z.output<typeof buying>;

/** What an ask about a purchase or a hold says besides. */
export const onPurchaseFields = { merchantId: uuid, idempotencyKey };
