import type { Db } from "../db/open.ts";
import type { Shop } from "./factories.ts";

/** What the tables say of a shop, in the few numbers that tests compare. */
export interface Sight {
  readonly available: bigint;
  readonly remaining: bigint;
  readonly purchases: number;
  readonly answers: number;
  readonly legs: number;
  readonly events: number;
}

export async function look(db: Db, { tenantId, item, mandate }: Shop): Promise<Sight> {
  const [row] = await query<Sight>(
    db,
    `select (select sum(available)::bigint from stock_buckets where item_id = $2) as available,
            (select sum(remaining_minor)::bigint from mandate_buckets where mandate_id = $3) as remaining,
            (select count(distinct purchase_id)::integer from purchases where tenant_id = $1) as purchases,
            (select count(*)::integer from asks where tenant_id = $1) as answers,
            (select count(*)::integer from ledger_entries where tenant_id = $1) as legs,
            (select count(*)::integer from outbox where tenant_id = $1 and kind like 'purchase.%') as events`,
    [tenantId, item.itemId, mandate.mandateId],
  );
  if (!row) throw new Error("an aggregate has a row");
  return row;
}

export async function query<Row extends object>(
  db: Db,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  return (await db.pool.query<Row>(text, [...values])).rows;
}

/** The tests' own way past the kernel: time is turned back, not waited for. */
export async function turnBack(db: Db, purchaseIds: readonly string[], by: string): Promise<void> {
  await query(
    db,
    `update purchases set created_at = created_at - $2::interval, expires_at = expires_at - $2::interval
      where purchase_id = any($1)`,
    [purchaseIds, by],
  );
}
