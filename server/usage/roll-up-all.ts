import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { rollUp, type RollUpOptions } from "./roll-up.ts";

const pageOf = 200;

/**
 * Counts on for every tenant that asked something since its mark. Returns how many there were; those
 * that the deadline left out come next time.
 */
export async function rollUpAll(db: Db, options: RollUpOptions = {}): Promise<number> {
  const { deadlineAt = Infinity } = options;
  let counted = 0;
  let after = noId;
  for (;;) {
    const page = await tenantsAfter(db, after, options);
    for (const { tenantId, isDue } of page) {
      if (performance.now() >= deadlineAt) return counted;
      if (!isDue) continue;
      await rollUp(db, tenantId, options);
      counted++;
    }
    const last = page.at(-1);
    if (!last) return counted;
    after = last.tenantId;
  }
}

const noId = "00000000-0000-0000-0000-000000000000";

interface Due {
  readonly tenantId: string;
  readonly isDue: boolean;
}

async function tenantsAfter(
  db: Db,
  after: string,
  { marginSeconds = 120 }: RollUpOptions,
): Promise<Due[]> {
  const query = sql`
    select t.tenant_id as "tenantId",
           exists (select 1 from asks a
                    where a.tenant_id = t.tenant_id
                      and a.created_at >= coalesce(m.counted_to, '-infinity'::timestamptz)
                      and a.created_at < now() - ${marginSeconds}::float8 * interval '1 second') as "isDue"
      from tenants t
      left join usage_marks m on m.tenant_id = t.tenant_id
     where t.tenant_id > ${after}::uuid
     order by t.tenant_id
     limit ${pageOf}`;
  return transact(db, "usage_due", (tx) => tx.rows<Due>(query), { readOnly: true });
}

/** Processes write the replays of a day for some seconds after its end: long past by then. */
const daysOpen = 2;
const daysAtOnce = 100;
const rowsMax = 1_000;

/**
 * Makes one row of what the processes wrote for a tenant's day that is over. Returns how many rows it
 * took away; zero when there are none left.
 */
export async function foldReplays(db: Db): Promise<number> {
  return transact(db, "fold_replays", fold, { recalls: true });
}

/** Nobody's process: the row that others were folded into. */
const folded = noId;

interface Replays {
  readonly tenantId: string;
  readonly day: string;
  readonly rows: bigint;
  readonly replays: bigint;
}

async function fold(tx: Tx): Promise<number> {
  const found = await tx.rows<Replays>(
    sql`select tenant_id as "tenantId", day::text as day, count(*) as rows,
               sum(replays)::bigint as replays
          from usage_replays
         where day <= (now() at time zone 'UTC')::date - ${daysOpen}::integer
           and process_id <> ${folded}::uuid
         group by tenant_id, day
         order by day, tenant_id
         limit ${daysAtOnce}`,
  );
  let gone = 0;
  for (const { tenantId, day, rows, replays } of found) {
    if (gone > 0 && gone + Number(rows) > rowsMax) break;
    gone += Number(rows);
    await Promise.all([
      tx.write(
        sql`delete from usage_replays
             where tenant_id = ${tenantId} and day = ${day}::date and process_id <> ${folded}::uuid`,
        Number(rows),
      ),
      tx.write(
        sql`insert into usage_replays (tenant_id, day, process_id, replays)
            values (${tenantId}, ${day}::date, ${folded}::uuid, ${replays})
                on conflict (tenant_id, day, process_id) do update
                   set replays = usage_replays.replays + excluded.replays`,
        1,
      ),
    ]);
  }
  return gone;
}
