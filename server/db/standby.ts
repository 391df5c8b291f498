import type { Db } from "./open.ts";
import { sql } from "./sql.ts";
import { transact } from "./transact.ts";

/**
 * How many follow this PostgreSQL while no COMMIT of ours waits for any of them. Whoever fails over to one
 * of those loses what was acknowledged and had not arrived there.
 */
export async function followersNotWaitedFor(db: Db): Promise<number> {
  if (db.dialect.name !== "postgres") return 0;
  // Base backups and readers of the log are no standbys. `local` waits for our own disk alone.
  const query = sql`
    select count(*)::integer from pg_stat_replication r
      left join pg_replication_slots s on s.active_pid = r.pid
     where coalesce(s.slot_type, 'physical') = 'physical' and r.application_name !~ '^pg_(base|receive)'
       and (current_setting('synchronous_standby_names') = ''
            or current_setting('synchronous_commit') in ('off', 'local'))`;
  const [row] = await transact(db, "followers", (tx) => tx.tuples<[number]>(query), {
    readOnly: true,
  });
  return row?.[0] ?? 0;
}
