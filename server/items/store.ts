import { startOf, type Page } from "../db/page.ts";
import { Fragment, sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";

export interface Item {
  readonly itemId: string;
  readonly tenantId: string;
  readonly merchantId: string;
  readonly sku: string;
  readonly name: string;
  readonly currency: string;
  readonly priceMinor: bigint;
  readonly priceVersion: bigint;
  readonly poolId: string;
  readonly buckets: number;
  readonly open: boolean;
  readonly createdAt: string;
}

/** Where the units of an item are. They add up: stocked = free + held + sold. */
export interface Stock {
  readonly stocked: bigint;
  readonly free: bigint;
  readonly held: bigint;
  readonly sold: bigint;
}

const select = new Fragment(`
  select i.item_id as "itemId", i.tenant_id as "tenantId", i.merchant_id as "merchantId", i.sku, i.name,
  i.currency, i.price_minor as "priceMinor", i.price_version as "priceVersion",
  i.pool_id as "poolId", p.buckets, p.open, i.created_at::text as "createdAt"
  from items i join pools p on p.pool_id = i.pool_id`);

/** Whoever's it is: who asks decides what another tenant's means. */
export async function findItem(tx: Tx, itemId: string): Promise<Item | undefined> {
  const [item] = await tx.rows<Item>(
    sql`${select}
         where i.item_id = ${itemId}`,
  );
  return item;
}

export async function listItems(tx: Tx, tenantId: string, page: Page): Promise<Item[]> {
  const { createdAt, id } = startOf(page);
  return tx.rows<Item>(
    sql`${select}
         where i.tenant_id = ${tenantId} and (i.created_at, i.item_id) < (${createdAt}::timestamptz, ${id}::uuid)
         order by i.created_at desc, i.item_id desc
         limit ${page.limit}`,
  );
}

/** Whose a merchant is; undefined when there is none. */
export async function tenantOfMerchant(tx: Tx, merchantId: string): Promise<string | undefined> {
  const query = sql`select tenant_id from merchants where merchant_id = ${merchantId}`;
  const [row] = await tx.tuples<[string]>(query);
  return row?.[0];
}

export async function hasSku(tx: Tx, merchantId: string, sku: string): Promise<boolean> {
  const query = sql`select 1 from items where merchant_id = ${merchantId} and sku = ${sku}`;
  return (await tx.tuples(query)).length > 0;
}

/** Sold is what is neither free nor held: purchases need not be counted. */
export async function stockOf(tx: Tx, poolId: string): Promise<Stock> {
  const [row] = await tx.rows<Omit<Stock, "sold">>(
    sql`select (select coalesce(sum(quantity), 0)::bigint from stock_moves where pool_id = ${poolId}) as stocked,
               (select coalesce(sum(available), 0)::bigint from stock_buckets where pool_id = ${poolId}) as free,
               (select coalesce(sum(quantity), 0)::bigint from purchases
                 where pool_id = ${poolId} and state = 'held') as held`,
  );
  const { stocked = 0n, free = 0n, held = 0n } = row ?? {};
  return { stocked, free, held, sold: stocked - free - held };
}
