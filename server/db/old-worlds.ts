import type { Db } from "./open.ts";
import { sql } from "./sql.ts";
import { transact } from "./transact.ts";

/**
 * Sandboxes and runs that were opened longer ago, the oldest first. Neither the sandbox in use, however old
 * it is, nor the world of a run that waits or goes on.
 */
export async function oldWorlds(db: Db, days: number): Promise<string[]> {
  const query = sql`
    select tenant_id from tenants t
     where mode in ('sandbox', 'run')
       and created_at < now() - ${days}::integer * interval '1 day'
       and not exists (select 1 from runs r
                        where r.world_id = t.tenant_id and r.state in ('queued', 'running'))
       and (mode = 'run' or exists (select 1 from tenants younger
                                     where younger.mode = 'sandbox'
                                       and (younger.created_at, younger.tenant_id)
                                           > (t.created_at, t.tenant_id)))
     order by created_at`;
  const found = await transact(db, "old_worlds", (tx) => tx.tuples<[string]>(query), {
    readOnly: true,
  });
  return found.map(([tenantId]) => tenantId);
}
