import type { Db } from "../db/open.ts";
import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { shardOf } from "./shard-of.ts";

/** An event that could not be told, with the reason. */
export interface Parked {
  readonly eventId: string;
  readonly tenantId: string;
  readonly kind: string;
  readonly subjectId: string;
  readonly reason: string;
  readonly createdAt: string;
  readonly parkedAt: string;
}

/** The oldest first, or the one. */
export async function listParked(db: Db, limit: number, eventId?: string): Promise<Parked[]> {
  const statement = sql`
    select event_id as "eventId", tenant_id as "tenantId", kind, subject_id as "subjectId", reason,
           created_at::text as "createdAt", parked_at::text as "parkedAt"
      from parked_events
     where ${eventId ?? null}::uuid is null or event_id = ${eventId ?? null}::uuid
     order by parked_at, event_id limit ${limit}`;
  return transact(db, "list_parked", (tx) => tx.rows<Parked>(statement), { readOnly: true });
}

interface Replay {
  /** The one; all of them without it. */
  readonly eventId?: string | undefined;
  /** Writes beside each part how many of which tenant were replayed, in its transaction. */
  readonly note?: (tx: Tx, byTenant: ReadonlyMap<string, number>) => Promise<void>;
}

/** Back into the outbox, as if they had just happened. Returns how many. */
export async function replayParked(db: Db, { eventId, note }: Replay = {}): Promise<number> {
  let count = 0;
  for (;;) {
    const chosen = await listParked(db, 500, eventId);
    if (chosen.length === 0) return count;
    const work = async (tx: Tx): Promise<number> => {
      const deleted = await tx.rows<{ eventId: string }>(
        sql`delete from parked_events p using ${idColumns.of(chosen)} as r
             where p.event_id = r.event_id returning p.event_id as "eventId"`,
      );
      const ours = new Set(deleted.map((row) => row.eventId));
      const rows = chosen.filter((one) => ours.has(one.eventId));
      await Promise.all(rows.map((row) => tx.run(dueAgain(row))));
      const byTenant = Map.groupBy(rows, (row) => row.tenantId);
      const counts = [...byTenant].map(([tenantId, { length }]) => [tenantId, length] as const);
      if (rows.length > 0) await note?.(tx, new Map(counts));
      return rows.length;
    };
    count += await transact(db, "replay_parked", work, { recalls: true });
  }
}

const idColumns = new Columns<Parked>({ event_id: ["uuid", (r) => r.eventId] });

const dueAgain = ({ eventId, tenantId, kind, subjectId, createdAt }: Parked) => sql`
  insert into outbox (shard, event_id, tenant_id, kind, subject_id, created_at)
  values (${shardOf(eventId)}, ${eventId}, ${tenantId}, ${kind}, ${subjectId},
          ${createdAt}::timestamptz)
      on conflict (shard, event_id) do update set due_at = now(), tries = 0`;
