import { z } from "zod";
import { rfc3339 } from "../http/cursor.ts";
import { currency, uuid, whole, words } from "../http/shapes.ts";
import type { Item, Stock } from "./store.ts";

/** The bodies and answers of /v1/items. */

const priceMinor = whole(0);
const buckets = whole(1, 256);

export const itemBody = z.strictObject({
  merchantId: uuid,
  sku: words(100),
  name: words(200),
  currency,
  priceMinor,
  stock: whole(0),
  /** How many slices the stock is dealt into: more for a crowd of buyers, fewer for a few units. */
  buckets: buckets.optional(),
});

export const priceBody = z.strictObject({ priceMinor });
export const reshardBody = z.strictObject({ buckets });
export const adjustBody = z.strictObject({
  /** Units more, or fewer when negative. */
  quantity: whole(Number.MIN_SAFE_INTEGER).refine((units) => units !== 0, "must not be 0"),
  reason: words(500),
});

export type ItemBody = z.input<typeof itemBody>;
export type PriceBody = z.input<typeof priceBody>;
export type ReshardBody = z.input<typeof reshardBody>;
export type AdjustBody = z.input<typeof adjustBody>;

export interface ItemView {
  readonly id: string;
  readonly merchantId: string;
  readonly sku: string;
  readonly name: string;
  readonly currency: string;
  readonly priceMinor: number;
  readonly priceVersion: number;
  readonly buckets: number;
  readonly open: boolean;
  readonly createdAt: string;
}

/** Where the units are: stocked = free + held + sold. */
export interface WholeItemView extends ItemView {
  readonly stock: Readonly<Record<keyof Stock, number>>;
}

export function itemView(item: Item): ItemView {
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

export function wholeItemView(item: Item, { stocked, free, held, sold }: Stock): WholeItemView {
  const stock = {
    stocked: Number(stocked),
    free: Number(free),
    held: Number(held),
    sold: Number(sold),
  };
  return { ...itemView(item), stock };
}
