import { lines, Columns } from "../../server/db/rows.ts";
import { prepared } from "../../server/db/sql.ts";
import { transact } from "../../server/db/transact.ts";
import type { Db } from "../../server/db/open.ts";

/** A row of the outbox: something happened to `subjectId`, and not everybody knows. */
export interface DueEvent {
  readonly shard: number;
  readonly eventId: string;
  readonly tenantId: string;
  readonly kind: string;
  readonly subjectId: string;
  readonly tries: number;
  /** As the database wrote it: a row that was made due again meanwhile is not the one we know. */
  readonly dueAt: string;
}

export const shardCount = 16;

/** What is due in these shards, from each the oldest: none waits for the others to be empty. */
export async function readDue(
  db: Db,
  shards: readonly number[],
  most: number,
): Promise<DueEvent[]> {
  const each = Math.ceil(most / Math.max(1, shards.length));
  const statement = prepared("outbox_due")`
    select o.shard, o.event_id as "eventId", o.tenant_id as "tenantId", o.kind,
           o.subject_id as "subjectId", o.tries, o.due_at::text as "dueAt"
      from unnest(string_to_array(${lines(shards)}, E'\\n')::integer[]) as s(shard)
     cross join lateral (select * from outbox
                          where outbox.shard = s.shard and due_at <= now()
                          order by outbox.shard, event_id limit ${each}) o`;
  return transact(db, "outbox_due", (tx) => tx.rows<DueEvent>(statement), { readOnly: true });
}

/** Those of these that still stand in the outbox. */
export async function readThese(
  db: Db,
  named: readonly (readonly [shard: number, eventId: string])[],
): Promise<DueEvent[]> {
  const statement = prepared("outbox_these")`
    select o.shard, o.event_id as "eventId", o.tenant_id as "tenantId", o.kind,
           o.subject_id as "subjectId", o.tries, o.due_at::text as "dueAt"
      from ${namedColumns.of(named)} as r
      join outbox o on o.shard = r.shard and o.event_id = r.event_id
     where o.due_at <= now()`;
  return transact(db, "outbox_these", (tx) => tx.rows<DueEvent>(statement), { readOnly: true });
}

const namedColumns = new Columns<readonly [shard: number, eventId: string]>({
  event_id: ["uuid", ([, eventId]) => eventId],
  shard: ["integer", ([shard]) => shard],
});

/** The row of an event as it was read: shard and id, and when it was due. */
export const seenColumns = new Columns<DueEvent>({
  event_id: ["uuid", (event) => event.eventId],
  shard: ["integer", (event) => event.shard],
  due_at: ["text", (event) => event.dueAt],
});
