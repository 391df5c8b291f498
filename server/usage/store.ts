import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";

/** What a tenant's asks of a UTC day came to. */
export interface Day {
  readonly day: string;
  readonly commits: bigint;
  readonly holds: bigint;
  readonly captures: bigint;
  readonly extensions: bigint;
  readonly releases: bigint;
  readonly refunds: bigint;
  readonly declines: bigint;
  readonly replays: bigint;
}

export interface Usage {
  readonly mode: string;
  readonly days: readonly Day[];
}

/** The day it is at the database, in UTC. */
export async function readToday(db: Db): Promise<string> {
  const query = sql`select (now() at time zone 'UTC')::date::text`;
  const [row] = await transact(db, "read_today", (tx) => tx.tuples<[string]>(query), {
    readOnly: true,
  });
  return row?.[0] ?? "";
}

/**
 * Every day from one to another, in one snapshot: what is counted already, and what has been asked
 * since, counted here. So it is exact at any time; only replays come some seconds late.
 */
export async function readUsage(
  db: Db,
  tenantId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<Usage> {
  const work = async (tx: Tx): Promise<Usage> => {
    const [[tenant], days] = await Promise.all([
      tx.tuples<[string]>(sql`select mode from tenants where tenant_id = ${tenantId}`),
      tx.rows<Day>(
        sql`with counted as (
              select day, kind, granted, asks from usage_days
               where tenant_id = ${tenantId} and day between ${from}::date and ${to}::date
               union all
              select (created_at at time zone 'UTC')::date, kind, granted, count(*)
                from asks
               where tenant_id = ${tenantId}
                 and created_at >= greatest(${from}::date at time zone 'UTC',
                                            (select counted_to from usage_marks where tenant_id = ${tenantId}))
                 and created_at < (${to}::date + 1) at time zone 'UTC'
               group by 1, 2, 3)
            select d.day::date::text as day,
                   coalesce(sum(asks) filter (where granted and kind = 'commit'), 0)::bigint as commits,
                   coalesce(sum(asks) filter (where granted and kind = 'hold'), 0)::bigint as holds,
                   coalesce(sum(asks) filter (where granted and kind = 'capture'), 0)::bigint as captures,
                   coalesce(sum(asks) filter (where granted and kind = 'extend'), 0)::bigint as extensions,
                   coalesce(sum(asks) filter (where granted and kind = 'release'), 0)::bigint as releases,
                   coalesce(sum(asks) filter (where granted and kind = 'refund'), 0)::bigint as refunds,
                   coalesce(sum(asks) filter (where not granted), 0)::bigint as declines,
                   coalesce((select sum(replays) from usage_replays r
                              where r.tenant_id = ${tenantId} and r.day = d.day::date), 0)::bigint as replays
              from generate_series(${from}::date::timestamp, ${to}::date::timestamp, interval '1 day') as d(day)
              left join counted c on c.day = d.day::date
             group by d.day order by d.day`,
      ),
    ]);
    return { mode: tenant?.[0] ?? "", days };
  };
  return transact(db, "read_usage", work, { readOnly: true });
}
