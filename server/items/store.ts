import { startOf, type Page } from "../db/page.ts";
import { Columns } from "../db/rows.ts";
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

export interface ItemFilter {
  readonly merchantId?: string | undefined;
  readonly open?: boolean | undefined;
  readonly search?: string | undefined;
}

/** A price that the item had from then on. */
export interface Price {
  readonly priceVersion: bigint;
  readonly priceMinor: bigint;
  readonly createdAt: string;
}

/** Units that came or went, but for sales; and why. */
export interface StockMove {
  readonly moveId: string;
  readonly quantity: bigint;
  readonly reason: string;
  readonly createdAt: string;
}

const poolColumns = new Columns<string>({ pool_id: ["uuid", (id) => id] });

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

export async function listItems(
  tx: Tx,
  tenantId: string,
  page: Page,
  filter: ItemFilter = {},
): Promise<Item[]> {
  const { merchantId = null, open = null, search = null } = filter;
  const { createdAt, id } = startOf(page);
  return tx.rows<Item>(
    sql`${select}
         where i.tenant_id = ${tenantId} and (i.created_at, i.item_id) < (${createdAt}::timestamptz, ${id}::uuid)
           and (${merchantId}::uuid is null or i.merchant_id = ${merchantId}::uuid)
           and (${open}::boolean is null or p.open = ${open}::boolean)
           and (${search}::text is null or strpos(lower(i.name), lower(${search}::text)) > 0
                or strpos(lower(i.sku), lower(${search}::text)) > 0
                or i.item_id::text = lower(${search}::text))
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

export const noStock: Stock = { stocked: 0n, free: 0n, held: 0n, sold: 0n };

/** Sold is what is neither free nor held: purchases need not be counted. */
export async function stockOf(tx: Tx, poolId: string): Promise<Stock> {
  const stocks = await stocksOf(tx, [poolId]);
  return stocks.get(poolId) ?? noStock;
}

/** The same for the pools of a whole page. */
export async function stocksOf(tx: Tx, poolIds: readonly string[]): Promise<Map<string, Stock>> {
  if (poolIds.length === 0) return new Map();
  const rows = await tx.rows<Omit<Stock, "sold"> & { readonly poolId: string }>(
    sql`select k.pool_id as "poolId",
               (select coalesce(sum(m.quantity), 0)::bigint from stock_moves m
                 where m.pool_id = k.pool_id) as stocked,
               (select coalesce(sum(b.available), 0)::bigint from stock_buckets b
                 where b.pool_id = k.pool_id) as free,
               (select coalesce(sum(u.quantity), 0)::bigint from purchases u
                 where u.pool_id = k.pool_id and u.state = 'held') as held
          from ${poolColumns.of(poolIds)} as k(pool_id)`,
  );
  return new Map(
    rows.map(({ poolId, stocked, free, held }) => [
      poolId,
      { stocked, free, held, sold: stocked - free - held },
    ]),
  );
}

/** The newest; all that there were stay in the books. */
export async function pricesOf(tx: Tx, itemId: string, most: number): Promise<Price[]> {
  return tx.rows<Price>(
    sql`select price_version as "priceVersion", price_minor as "priceMinor",
               created_at::text as "createdAt"
          from item_prices where item_id = ${itemId}
         order by price_version desc limit ${most}`,
  );
}

export async function listMoves(tx: Tx, poolId: string, page: Page): Promise<StockMove[]> {
  const { createdAt, id } = startOf(page);
  return tx.rows<StockMove>(
    sql`select move_id as "moveId", quantity, reason, created_at::text as "createdAt"
          from stock_moves
         where pool_id = ${poolId} and (created_at, move_id) < (${createdAt}::timestamptz, ${id}::uuid)
         order by created_at desc, move_id desc
         limit ${page.limit}`,
  );
}
