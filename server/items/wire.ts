import { z } from "zod";
import { rfc3339 } from "../http/cursor.ts";
import { pageQuery, searchField } from "../http/list.ts";
import { buckets, newItemExample as example, priceMinor, type itemBody } from "../http/new-item.ts";
import { count, currency, id, listOf, minor, time, uuid, whole, words } from "../http/shapes.ts";
import type { Item, Price, Stock, StockMove } from "./store.ts";

/** The bodies and answers of /v1/items. */

export const priceBody = z.strictObject({ priceMinor }).meta({ examples: [{ priceMinor: 2499 }] });
export const reshardBody = z.strictObject({ buckets }).meta({ examples: [{ buckets: 128 }] });
export const adjustBody = z
  .strictObject({
    quantity: whole(Number.MIN_SAFE_INTEGER)
      .refine((units) => units !== 0, "must not be 0")
      .meta({ description: "Units more, or fewer when negative; not 0.", not: { const: 0 } }),
    reason: words(500).meta({ description: "Stays in the books." }),
  })
  .meta({ examples: [{ quantity: 40, reason: "a delivery" }] });

export type ItemBody = z.input<typeof itemBody>;
export type PriceBody = z.input<typeof priceBody>;
export type ReshardBody = z.input<typeof reshardBody>;
export type AdjustBody = z.input<typeof adjustBody>;

const exampleView = {
  id: "019aa0f2-6c21-7f80-b1c4-7e8d9a0b1c33",
  ...example,
  priceVersion: 1,
  buckets: 64,
  open: true,
  createdAt: "2026-11-20T15:48:10.004Z",
};

const itemView = z
  .object({
    id,
    merchantId: id,
    sku: z.string(),
    name: z.string(),
    currency,
    priceMinor: minor,
    priceVersion: count.meta({ description: "Counts the prices that it has had." }),
    buckets: z.int().meta({ description: "Slices that the stock is dealt into." }),
    open: z.boolean().meta({ description: "Whether it is on sale." }),
    createdAt: time,
  })
  .meta({ id: "Item", description: "What is sold.", examples: [exampleView] });

export type ItemView = z.output<typeof itemView>;

const stock = z
  .object({ stocked: count, free: count, held: count, sold: count })
  .meta({ description: "Where the units are: `stocked = free + held + sold`." });

export const wholeItemView = itemView.extend({ stock }).meta({
  id: "ItemWithStock",
  description: "What is sold, and where its units are.",
  examples: [{ ...exampleView, stock: { stocked: 100, free: 96, held: 1, sold: 3 } }],
});

export type WholeItemView = z.output<typeof wholeItemView>;

export const itemList = listOf("ItemList", wholeItemView);

export type ItemListView = z.output<typeof itemList>;

export const listQuery = z.object({
  ...pageQuery.shape,
  search: searchField.meta({
    description:
      "Those that have this in their name or SKU, in upper or lower case, or as their id.",
  }),
  merchantId: uuid.optional().meta({ description: "What this merchant sells." }),
  open: z
    .enum(["true", "false"], "must be true or false")
    .optional()
    .meta({ description: "Those that are on sale, or those that are not." }),
});

export const pricesMax = 100;

export const priceList = z
  .object({
    data: z
      .array(z.object({ priceVersion: count, priceMinor: minor, createdAt: time }))
      .meta({ description: "Newest first; each counted from its `createdAt` on." }),
  })
  .meta({
    id: "PriceList",
    examples: [
      {
        data: [
          { priceVersion: 2, priceMinor: 2499, createdAt: "2026-11-21T09:00:00.000Z" },
          { priceVersion: 1, priceMinor: 1999, createdAt: "2026-11-20T15:48:10.004Z" },
        ],
      },
    ],
  });

export type PriceListView = z.output<typeof priceList>;

const stockMove = z
  .object({
    id,
    quantity: count.meta({ description: "Units that came, or went when negative." }),
    reason: z.string(),
    createdAt: time,
  })
  .meta({
    id: "StockMove",
    description: "Units that came or went otherwise than by a sale, and why.",
  });

export const moveList = listOf("StockMoveList", stockMove);

export type MoveListView = z.output<typeof moveList>;

function viewOfItem(item: Item): ItemView {
  const { itemId, merchantId, sku, name, currency: code, open } = item;
  return {
    id: itemId,
    merchantId,
    sku,
    name,
    currency: code,
    priceMinor: Number(item.priceMinor),
    priceVersion: Number(item.priceVersion),
    buckets: item.buckets,
    open,
    createdAt: rfc3339(item.createdAt),
  };
}

export function viewOfWholeItem(item: Item, { stocked, free, held, sold }: Stock): WholeItemView {
  const units = {
    stocked: Number(stocked),
    free: Number(free),
    held: Number(held),
    sold: Number(sold),
  };
  return { ...viewOfItem(item), stock: units };
}

export function viewOfPrice({ priceVersion, priceMinor, createdAt }: Price) {
  return {
    priceVersion: Number(priceVersion),
    priceMinor: Number(priceMinor),
    createdAt: rfc3339(createdAt),
  };
}

export function viewOfMove({ moveId, quantity, reason, createdAt }: StockMove) {
  return { id: moveId, quantity: Number(quantity), reason, createdAt: rfc3339(createdAt) };
}
