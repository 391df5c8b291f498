import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";

/** What one caller's asks of some days came to. */
export interface CallerRow {
  /** `key:…` or `person:…`; null: asked before callers were noted. */
  readonly caller: string | null;
  readonly name: string | null;
  readonly commits: bigint;
  readonly holds: bigint;
  readonly others: bigint;
  readonly declines: bigint;
  readonly lastAt: string;
}

const patienceMs = 5_000;
/** The database ends it itself, before we would have to leave it alone with its work. */
const marginMs = 100;

/** From the asks themselves: exact, and for as many days as can be read in some seconds. */
export async function readCallers(
  db: Db,
  tenantId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<CallerRow[]> {
  const query = sql`
    select s.caller, coalesce(k.name, p.name) as name, s.commits, s.holds, s.others, s.declines,
           s."lastAt"
      from (select asked_by as caller,
                   count(*) filter (where granted and kind = 'commit') as commits,
                   count(*) filter (where granted and kind = 'hold') as holds,
                   count(*) filter (where granted and kind not in ('commit', 'hold')) as others,
                   count(*) filter (where not granted) as declines,
                   max(created_at)::text as "lastAt"
              from asks
             where tenant_id = ${tenantId}
               and created_at >= ${from}::date at time zone 'UTC'
               and created_at < (${to}::date + 1) at time zone 'UTC'
             group by asked_by) s
      left join api_keys k on s.caller = 'key:' || k.key_id and k.tenant_id = ${tenantId}
      left join people p on s.caller = 'person:' || p.person_id::text
     order by s.commits + s.holds + s.others + s.declines desc, s.caller
     limit 500`;
  const timeout = db.dialect.statementTimeout(patienceMs - marginMs);
  const work = async (tx: Tx): Promise<CallerRow[]> => {
    if (timeout) await tx.run(timeout);
    return tx.rows<CallerRow>(query);
  };
  return transact(db, "usage_by_caller", work, {
    readOnly: true,
    deadlineAt: performance.now() + patienceMs,
    attemptTimeoutMs: patienceMs,
  });
}
