import { assert } from "../base/assert.ts";
import type { Db } from "../db/open.ts";
import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";

/** How many slices stock and money are dealt into when nobody says otherwise. */
export const stockBucketsDefault = 64;
export const mandateBucketsDefault = 20;
const bucketsMax = 256;

export interface NewItem {
  readonly itemId: string;
  readonly tenantId: string;
  readonly merchantId: string;
  readonly sku: string;
  readonly name: string;
  readonly currency: string;
  readonly priceMinor: bigint;
  readonly stock: bigint;
  readonly buckets?: number;
}

/** The rules of a mandate, without its money. An absent rule forbids nothing. */
export interface MandateRules {
  readonly purchaseMaxMinor?: bigint;
  readonly dayLimitMinor?: bigint;
  readonly weekLimitMinor?: bigint;
  readonly monthLimitMinor?: bigint;
  readonly timeZone?: string;
  readonly allowedMerchants?: readonly string[];
  readonly allowedItems?: readonly string[];
  readonly agentId?: string;
  readonly startsAtMs?: number;
  readonly expiresAtMs?: number;
  readonly duplicateWindowSeconds?: number;
}

export interface NewMandate extends MandateRules {
  readonly mandateId: string;
  readonly tenantId: string;
  readonly name: string;
  readonly currency: string;
  readonly capMinor: bigint;
  readonly buckets?: number;
}

/** One transaction changes at most this many rows (Aurora DSQL). */
const rowsMax = 3_000;

/** Puts items on sale: with a price, a pool, its stock dealt over buckets, and the reason for it. */
export async function openItems(db: Db, items: readonly NewItem[]): Promise<void> {
  for (const some of chunks(items, (item) => 4 + (item.buckets ?? stockBucketsDefault))) {
    await transact(db, "open_items", (tx) => openItemsIn(tx, some, () => db.dialect.newId()));
  }
}

export async function openItemsIn(
  tx: Tx,
  items: readonly NewItem[],
  newId: () => string,
): Promise<void> {
  const opened = items.map((item) => withPool(item, newId));
  const rows = openedColumns.of(opened);
  const written = [
    tx.write(
      sql`insert into items (item_id, tenant_id, merchant_id, sku, name, currency, price_minor, price_version, pool_id)
          select item_id, tenant_id, merchant_id, sku, name, currency, price_minor, 1, pool_id from ${rows} as r`,
      opened.length,
    ),
    tx.write(
      sql`insert into item_prices (item_id, price_version, tenant_id, price_minor)
          select item_id, 1, tenant_id, price_minor from ${rows} as r`,
      opened.length,
    ),
    tx.write(
      sql`insert into pools (pool_id, tenant_id, item_id, buckets, open)
          select pool_id, tenant_id, item_id, buckets, true from ${rows} as r`,
      opened.length,
    ),
    tx.write(
      sql`insert into stock_buckets (pool_id, bucket, tenant_id, item_id, available, open, price_version, version)
          select pool_id, bucket, tenant_id, item_id,
                 stock / buckets + case when bucket < stock % buckets then 1 else 0 end, true, 1, 0
            from ${rows} as r cross join lateral generate_series(0, buckets - 1) as bucket`,
      opened.reduce((total, { buckets }) => total + buckets, 0),
    ),
    tx.write(
      sql`insert into stock_moves (move_id, tenant_id, item_id, pool_id, quantity, reason)
          select move_id, tenant_id, item_id, pool_id, stock, 'first stock' from ${rows} as r`,
      opened.length,
    ),
  ];
  await Promise.all(written);
}

const openedColumns = new Columns<ReturnType<typeof withPool>>({
  item_id: ["uuid", (r) => r.itemId],
  tenant_id: ["uuid", (r) => r.tenantId],
  merchant_id: ["uuid", (r) => r.merchantId],
  pool_id: ["uuid", (r) => r.poolId],
  move_id: ["uuid", (r) => r.moveId],
  sku: ["text", (r) => r.sku],
  name: ["text", (r) => r.name],
  currency: ["text", (r) => r.currency],
  price_minor: ["bigint", (r) => r.priceMinor],
  stock: ["bigint", (r) => r.stock],
  buckets: ["integer", (r) => r.buckets],
});

function withPool(item: NewItem, newId: () => string) {
  const { buckets = stockBucketsDefault } = item;
  assertBuckets(buckets);
  return { ...item, buckets, poolId: newId(), moveId: newId() };
}

/** Grants mandates: the rules, and the money dealt over buckets. Room is dealt when first needed. */
export async function openMandates(db: Db, mandates: readonly NewMandate[]): Promise<void> {
  for (const some of chunks(
    mandates,
    (mandate) => 1 + (mandate.buckets ?? mandateBucketsDefault),
  )) {
    await transact(db, "open_mandates", (tx) => openMandatesIn(tx, some));
  }
}

export async function openMandatesIn(tx: Tx, mandates: readonly NewMandate[]): Promise<void> {
  const written: Promise<void>[] = [];
  for (const mandate of mandates) {
    const {
      mandateId,
      tenantId,
      capMinor,
      buckets = mandateBucketsDefault,
      timeZone = "UTC",
    } = mandate;
    assertBuckets(buckets);
    written.push(
      tx.write(
        sql`insert into mandates (mandate_id, tenant_id, name, state, currency, cap_minor, purchase_max_minor,
                                  day_limit_minor, week_limit_minor, month_limit_minor, time_zone,
                                  allowed_merchants, allowed_items, agent_id, starts_at, expires_at,
                                  duplicate_window_seconds, rules_version, buckets)
            values (${mandateId}, ${tenantId}, ${mandate.name}, 'active', ${mandate.currency}, ${capMinor},
                    ${mandate.purchaseMaxMinor}, ${mandate.dayLimitMinor}, ${mandate.weekLimitMinor},
                    ${mandate.monthLimitMinor}, case when now() at time zone ${timeZone} is not null then ${timeZone} end,
                    ${listText(mandate.allowedMerchants)}, ${listText(mandate.allowedItems)}, ${mandate.agentId},
                    to_timestamp(${mandate.startsAtMs ?? null}::float8 / 1000),
                    to_timestamp(${mandate.expiresAtMs ?? null}::float8 / 1000),
                    ${mandate.duplicateWindowSeconds}, 1, ${buckets})`,
        1,
      ),
      tx.write(
        sql`insert into mandate_buckets (mandate_id, bucket, tenant_id, remaining_minor, active, rules_version, version)
            select ${mandateId}::uuid, bucket, ${tenantId}::uuid,
                   ${capMinor}::bigint / ${buckets}::integer
                     + case when bucket < ${capMinor}::bigint % ${buckets}::integer then 1 else 0 end,
                   true, 1, 0
              from generate_series(0, ${buckets}::integer - 1) as bucket`,
        buckets,
      ),
    );
  }
  await Promise.all(written);
}

/** An allow-list as its column holds it; absent means "any". */
export function listText(list: readonly string[] | undefined): string | null {
  return list === undefined ? null : JSON.stringify(list);
}

export function assertBuckets(buckets: number): void {
  assert(
    Number.isInteger(buckets) && buckets >= 1 && buckets <= bucketsMax,
    `buckets must be 1 to ${bucketsMax}`,
  );
}

function chunks<T>(all: readonly T[], rowsOf: (one: T) => number): T[][] {
  const parts: T[][] = [];
  let part: T[] = [];
  let rows = 0;
  for (const one of all) {
    if (part.length > 0 && rows + rowsOf(one) > rowsMax) {
      parts.push(part);
      part = [];
      rows = 0;
    }
    part.push(one);
    rows += rowsOf(one);
  }
  if (part.length > 0) parts.push(part);
  return parts;
}
