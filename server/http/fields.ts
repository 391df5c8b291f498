import { z } from "zod";
import { currency, uuid, whole, words } from "./shapes.ts";

/** The fields that the bodies of asks have in common. */

export const idempotencyKey = z
  .string("must be a string")
  .optional()
  .meta({ description: "Counts where there is no Idempotency-Key header." });

/** What is bought, by whom, with whose money: for commit, hold and quote. */
export const buyingFields = {
  merchantId: uuid.meta({ description: "Who sells, and whose ledger is credited." }),
  mandateId: uuid.meta({ description: "Whose money: the debit and the check are one write." }),
  itemId: uuid.meta({ description: "What is bought." }),
  agentId: words(255).meta({ description: "Who acts; it is put on record." }),
  quantity: whole(1).meta({ description: "Units to claim." }),
  amountMinor: whole(0).meta({
    description:
      "What the buyer agreed to pay, in minor units (cents): exactly the item's price times quantity.",
  }),
  currency,
  again: z.boolean("must be true or false").optional().meta({
    description:
      "True: this is meant although the same was bought a moment ago, and passes the mandate's duplicate window.",
  }),
};

const buying = z.strictObject(buyingFields);
export type BuyingBody = z.output<typeof buying>;

export const buyingExample: BuyingBody = {
  merchantId: "019aa0f2-6c1e-7b53-9d0f-0c5f3a1c7e11",
  mandateId: "019aa0f2-6c20-7d41-8a3e-5b9f2d6c4a22",
  itemId: "019aa0f2-6c21-7f80-b1c4-7e8d9a0b1c33",
  agentId: "agent-7",
  quantity: 1,
  amountMinor: 2500,
  currency: "USD",
};

/** What an ask about a purchase or a hold says besides. */
export const onPurchaseFields = {
  merchantId: uuid.meta({ description: "The merchant that the purchase was made at." }),
  idempotencyKey,
};
