import { z } from "zod";
import { currency, uuid, whole, words } from "./shapes.ts";

/** What an item is made of: by POST /v1/items, and by every row of an import. */

export const priceMinor = whole(0).meta({ description: "Of one unit, in minor units." });
export const buckets = whole(1, 256).meta({
  description:
    "How many slices the stock is dealt into: more for a crowd of buyers, fewer for a few units.",
});

export const newItemExample = {
  merchantId: "019aa0f2-6c1e-7b53-9d0f-0c5f3a1c7e11",
  sku: "LAMP-1",
  name: "a lamp",
  currency: "EUR",
  priceMinor: 1999,
};

export const itemBody = z
  .strictObject({
    merchantId: uuid,
    sku: words(100).meta({ description: "The merchant's own name for it, once per merchant." }),
    name: words(200),
    currency,
    priceMinor,
    stock: whole(0).meta({ description: "Units to begin with." }),
    buckets: buckets.optional().meta({ default: 64 }),
  })
  .meta({ id: "NewItem", examples: [{ ...newItemExample, stock: 100 }] });

export type NewItemBody = z.infer<typeof itemBody>;
