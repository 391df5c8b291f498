import type { Db } from "../db/open.ts";
import { prepared } from "../db/sql.ts";
import { transact } from "../db/transact.ts";

export interface Backlog {
  readonly events: number;
  readonly oldestSeconds: number;
  readonly parked: number;
}

const countedMax = 100_000;

/** How much is due and for how long; of a very long queue only its beginning is looked at. */
export async function readBacklog(db: Db): Promise<Backlog> {
  const statement = prepared("outbox_backlog")`
    select count(*)::float8 as events,
           coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as "oldestSeconds",
           (select count(*)::float8 from parked_events) as parked
      from (select created_at from outbox order by shard, event_id limit ${countedMax}) looked_at`;
  const [row] = await transact(db, "outbox_backlog", (tx) => tx.rows<Backlog>(statement), {
    readOnly: true,
  });
  return row ?? { events: 0, oldestSeconds: 0, parked: 0 };
}
