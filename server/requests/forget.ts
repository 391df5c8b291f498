import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";

export interface Bounds {
  readonly daysKept?: number;
  readonly rowsKept?: number;
}

const rowsAtOnce = 1_000;

/** Requests beyond a tenant's newest, and those of long ago. Returns how many rows. */
export async function forgetRequests(
  db: Db,
  signal: AbortSignal,
  bounds: Bounds = {},
): Promise<number> {
  let gone = 0;
  for (const tenantId of await tenantsWithRows(db)) {
    for (;;) {
      if (signal.aborted) return gone;
      const work = (tx: Tx) => forgetSome(tx, tenantId, bounds);
      const rows = await transact(db, "forget_requests", work, { recalls: true });
      gone += rows;
      if (rows < rowsAtOnce) break;
    }
  }
  return gone;
}

async function tenantsWithRows(db: Db): Promise<string[]> {
  const query = sql`select tenant_id from tenants t
                     where exists (select 1 from request_log r where r.tenant_id = t.tenant_id)`;
  const found = await transact(db, "request_tenants", (tx) => tx.tuples<[string]>(query), {
    readOnly: true,
  });
  return found.map(([tenantId]) => tenantId);
}

async function forgetSome(
  tx: Tx,
  tenantId: string,
  { daysKept = 7, rowsKept = 10_000 }: Bounds,
): Promise<number> {
  const [row] = await tx.tuples<[string]>(
    sql`select greatest(now() - ${daysKept}::integer * interval '1 day',
                        (select created_at from request_log where tenant_id = ${tenantId}
                          order by created_at desc, request_id desc
                          limit 1 offset ${rowsKept}))::text`,
  );
  const [end = "-infinity"] = row ?? [];
  return tx.run(
    sql`delete from request_log
         where tenant_id = ${tenantId}
           and (created_at, request_id) in
               (select created_at, request_id from request_log
                 where tenant_id = ${tenantId} and created_at <= ${end}::timestamptz
                 order by created_at, request_id limit ${rowsAtOnce})`,
  );
}
