import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";

export interface RollUpOptions {
  /** On the clock of `performance.now()`: no slice begins after it. */
  readonly deadlineAt?: number;
  /** What may be counted already: nothing that began this long ago can still be committed. */
  readonly marginSeconds?: number;
  /** A mark that is less behind stays where it is: readers count the rest themselves. */
  readonly behindSeconds?: number;
  /** How many asks one transaction counts, about. */
  readonly sliceAsks?: number;
}

const defaults = { marginSeconds: 120, behindSeconds: 60, sliceAsks: 50_000 };

/**
 * Counts a tenant's asks on from its mark, slice by slice, each in a transaction that moves the mark:
 * it may be called at any time, by several at once, and be broken off. An ask has the time at which its
 * transaction began and shows when that has ended, seconds later; so the last two minutes wait.
 *
 * True when there is no more to count.
 */
export async function rollUp(
  db: Db,
  tenantId: string,
  { deadlineAt = Infinity, ...given }: RollUpOptions = {},
): Promise<boolean> {
  const options = { ...defaults, ...given };
  for (;;) {
    const more = await transact(db, "roll_up_usage", (tx) => countSlice(tx, tenantId, options), {
      recalls: true,
    });
    if (!more) return true;
    if (performance.now() >= deadlineAt) return false;
  }
}

interface Slice {
  readonly mark: string | null;
  readonly from: string | null;
  readonly to: string;
  readonly isLast: boolean;
  readonly isWorthIt: boolean;
}

/** Returns whether there is another slice. */
async function countSlice(
  tx: Tx,
  tenantId: string,
  { marginSeconds, behindSeconds, sliceAsks }: typeof defaults,
): Promise<boolean> {
  const slice = await nextSlice(tx, tenantId, { marginSeconds, behindSeconds, sliceAsks });
  if (!slice?.isWorthIt) return false;
  const { mark, from, to } = slice;
  await Promise.all([
    tx.run(
      sql`insert into usage_days (tenant_id, day, kind, granted, asks)
          select tenant_id, (created_at at time zone 'UTC')::date, kind, granted, count(*)
            from asks
           where tenant_id = ${tenantId}
             and created_at >= ${from}::timestamptz and created_at < ${to}::timestamptz
           group by 1, 2, 3, 4
              on conflict (tenant_id, day, kind, granted) do update set asks = usage_days.asks + excluded.asks`,
    ),
    tx.write(
      mark === null
        ? sql`insert into usage_marks (tenant_id, counted_to) values (${tenantId}, ${to}::timestamptz)`
        : sql`update usage_marks set counted_to = ${to}::timestamptz
               where tenant_id = ${tenantId} and counted_to = ${mark}::timestamptz`,
      1,
    ),
  ]);
  return !slice.isLast;
}

/** From the mark, or the first ask of all, to the end of the asks that have the last one's time. */
async function nextSlice(
  tx: Tx,
  tenantId: string,
  { marginSeconds, behindSeconds, sliceAsks }: typeof defaults,
): Promise<Slice | undefined> {
  const [start] = await tx.rows<Pick<Slice, "mark" | "from">>(
    sql`select (select counted_to::text from usage_marks where tenant_id = ${tenantId}) as mark,
               coalesce((select counted_to from usage_marks where tenant_id = ${tenantId}),
                        (select created_at from asks where tenant_id = ${tenantId}
                          order by created_at, ask_id limit 1))::text as from`,
  );
  if (!start || start.from === null) return undefined;
  const [end] = await tx.rows<Omit<Slice, "mark" | "from">>(
    sql`select coalesce(beyond, horizon)::text as to, beyond is null as "isLast",
               horizon >= ${start.from}::timestamptz + ${behindSeconds}::float8 * interval '1 second' as "isWorthIt"
          from (select horizon,
                       (select min(created_at) from asks
                         where tenant_id = ${tenantId} and created_at < horizon
                           and created_at > (select created_at from asks
                                              where tenant_id = ${tenantId}
                                                and created_at >= ${start.from}::timestamptz
                                              order by created_at, ask_id
                                              limit 1 offset ${sliceAsks - 1})) as beyond
                  from (select now() - ${marginSeconds}::float8 * interval '1 second' as horizon) h) s`,
  );
  return end && { ...start, ...end };
}
