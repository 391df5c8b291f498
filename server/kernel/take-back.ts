import type { Db } from "../db/open.ts";
import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import { leaveEvents } from "./command-events.ts";

/**
 * Takes back many things at once that nobody has used. Every sale and every command counts up the
 * version of a bucket that it writes, so a thing is unused exactly while all of its buckets are at 0;
 * and as these very rows are written here, whoever uses it meanwhile and this have a lost race.
 */

const ids = new Columns<string>({ id: ["uuid", (id) => id] });

interface Unused {
  readonly itemId: string;
  readonly poolId: string;
  readonly buckets: bigint;
  readonly stock: bigint;
  readonly moveId: string;
}

const unusedColumns = new Columns<Unused>({
  item_id: ["uuid", (r) => r.itemId],
  pool_id: ["uuid", (r) => r.poolId],
  move_id: ["uuid", (r) => r.moveId],
  stock: ["bigint", (r) => r.stock],
});

interface TakingBack {
  readonly tenantId: string;
  /** For the books of the stock. */
  readonly reason: string;
}

/**
 * Closes those of these items that are unused, takes their stock out and frees their SKUs, so that the
 * same list can be opened anew. Returns their ids.
 */
export async function takeBackItems(
  tx: Tx,
  { dialect }: Pick<Db, "dialect">,
  itemIds: readonly string[],
  { tenantId, reason }: TakingBack,
): Promise<string[]> {
  if (itemIds.length === 0) return [];
  const found = await tx.rows<Omit<Unused, "moveId">>(
    sql`select i.item_id as "itemId", i.pool_id as "poolId", count(*) as buckets,
               sum(b.available)::bigint as stock
          from ${ids.of(itemIds)} as k
          join items i on i.item_id = k.id and i.tenant_id = ${tenantId}
          join stock_buckets b on b.pool_id = i.pool_id
         group by i.item_id, i.pool_id having max(b.version) = 0`,
  );
  if (found.length === 0) return [];
  const unused = found.map((one) => ({ ...one, moveId: dialect.newId() }));
  const stocked = unused.filter(({ stock }) => stock > 0n);
  const buckets = unused.reduce((sum, one) => sum + Number(one.buckets), 0);
  const rows = unusedColumns.of(unused);
  await Promise.all([
    tx.write(
      sql`update pools p set open = false from ${rows} as r where p.pool_id = r.pool_id`,
      unused.length,
    ),
    tx.write(
      sql`update stock_buckets b set open = false, available = 0, version = b.version + 1
            from ${rows} as r where b.pool_id = r.pool_id`,
      buckets,
    ),
    // 80 of 100 characters, and what no other item's id ends with.
    tx.write(
      sql`update items i set sku = left(i.sku, 80) || '~' || right(i.item_id::text, 12)
            from ${rows} as r where i.item_id = r.item_id`,
      unused.length,
    ),
    stocked.length > 0 &&
      tx.write(
        sql`insert into stock_moves (move_id, tenant_id, item_id, pool_id, quantity, reason)
            select move_id, ${tenantId}::uuid, item_id, pool_id, -stock, ${reason}::text
              from ${unusedColumns.of(stocked)} as r`,
        stocked.length,
      ),
    leaveEvents(
      tx,
      { dialect },
      unused.map(({ itemId }) => ({ tenantId, kind: "item.closed", subjectId: itemId })),
    ),
  ]);
  return unused.map(({ itemId }) => itemId);
}

/** Revokes those of these mandates that are unused. Returns their ids. */
export async function takeBackMandates(
  tx: Tx,
  { dialect }: Pick<Db, "dialect">,
  mandateIds: readonly string[],
  { tenantId }: Pick<TakingBack, "tenantId">,
): Promise<string[]> {
  if (mandateIds.length === 0) return [];
  const found = await tx.tuples<[id: string, buckets: bigint]>(
    sql`select m.mandate_id, count(*)
          from ${ids.of(mandateIds)} as k
          join mandates m on m.mandate_id = k.id and m.tenant_id = ${tenantId} and m.state = 'active'
          join mandate_buckets b on b.mandate_id = m.mandate_id
         group by m.mandate_id having max(b.version) = 0`,
  );
  const unused = found.map(([id]) => id);
  if (unused.length === 0) return [];
  const rows = ids.of(unused);
  await Promise.all([
    tx.write(
      sql`update mandates m set state = 'revoked' from ${rows} as r where m.mandate_id = r.id`,
      unused.length,
    ),
    tx.write(
      sql`update mandate_buckets b set active = false, version = b.version + 1
            from ${rows} as r where b.mandate_id = r.id`,
      found.reduce((sum, [, buckets]) => sum + Number(buckets), 0),
    ),
    leaveEvents(
      tx,
      { dialect },
      unused.map((subjectId) => ({ tenantId, kind: "mandate.revoked", subjectId })),
    ),
  ]);
  return unused;
}
