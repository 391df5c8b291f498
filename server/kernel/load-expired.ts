import { prepared } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import { idColumn } from "./load-rows.ts";

interface ExpiredQuery {
  readonly shortPools: readonly string[];
  readonly shortMandates: readonly string[];
  readonly nowMs: number;
  readonly skip: readonly string[];
  readonly limit: number;
}

/** Holds whose time is over, of what is short: they are given back by whoever needs them. */
export async function expiredHolds(tx: Tx, query: ExpiredQuery): Promise<string[]> {
  const { shortPools, shortMandates, nowMs, skip, limit } = query;
  const found = await tx.tuples<[string]>(
    prepared("kernel_expired_holds")`
      select h.purchase_id
        from (select p.purchase_id, p.expires_at
                from ${idColumn.of(shortPools)} as k(pool_id)
               cross join lateral (select purchase_id, expires_at from purchases
                                    where purchases.pool_id = k.pool_id and state = 'held'
                                      and expires_at <= to_timestamp(${nowMs}::float8 / 1000)
                                      and purchase_id <> all (select k.id from ${idColumn.of(skip)} as k)
                                    order by expires_at limit ${limit}) p
              union
              select p.purchase_id, p.expires_at
                from ${idColumn.of(shortMandates)} as k(mandate_id)
               cross join lateral (select purchase_id, expires_at from purchases
                                    where purchases.mandate_id = k.mandate_id and state = 'held'
                                      and expires_at <= to_timestamp(${nowMs}::float8 / 1000)
                                      and purchase_id <> all (select k.id from ${idColumn.of(skip)} as k)
                                    order by expires_at limit ${limit}) p) h
       order by h.expires_at
       limit ${limit}`,
  );
  return [...new Set(found.map(([id]) => id))];
}
