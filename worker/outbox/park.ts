import type { Actor } from "../../server/audit/entry.ts";
import { record } from "../../server/audit/record.ts";
import type { Db } from "../../server/db/open.ts";
import { Columns } from "../../server/db/rows.ts";
import { prepared, sql } from "../../server/db/sql.ts";
import { transact, type Tx } from "../../server/db/transact.ts";
import { seenColumns, shardOf, type DueEvent } from "./due.ts";

/** What could not be told, and why. */
export interface Failure {
  readonly event: DueEvent;
  readonly reason: string;
}

/** With the pauses between them about a minute: a new version's worker may be on its way. */
export const triesMax = 8;

const pauseMs = (tries: number): number => Math.min(60_000, 500 * 2 ** tries);

/** Tried again later, or, after too many tries, kept apart with the reason. Returns how many were parked. */
export async function postpone(db: Db, failures: readonly Failure[]): Promise<number> {
  const last = failures.filter(({ event }) => event.tries + 1 >= triesMax);
  const again = failures.filter(({ event }) => event.tries + 1 < triesMax);
  const work = async (tx: Tx): Promise<number> => {
    if (again.length > 0) await tx.run(tryAgain(again));
    return last.length > 0 ? await park(tx, last) : 0;
  };
  return failures.length === 0 ? 0 : transact(db, "outbox_postpone", work, { recalls: true });
}

const pausedColumns = new Columns<Failure>({
  event_id: ["uuid", ({ event }) => event.eventId],
  shard: ["integer", ({ event }) => event.shard],
  due_at: ["text", ({ event }) => event.dueAt],
  pause_ms: ["integer", ({ event }) => pauseMs(event.tries)],
});

const tryAgain = (failures: readonly Failure[]) => prepared("outbox_try_again")`
  update outbox o set tries = o.tries + 1, due_at = now() + r.pause_ms * interval '1 millisecond'
    from ${pausedColumns.of(failures)} as r
   where o.shard = r.shard and o.event_id = r.event_id and o.due_at = r.due_at::timestamptz`;

interface Row {
  readonly eventId: string;
  readonly tenantId: string;
  readonly kind: string;
  readonly subjectId: string;
  readonly createdAt: string;
}

async function park(tx: Tx, failures: readonly Failure[]): Promise<number> {
  const gone = await tx.rows<Row>(prepared("outbox_park")`
    delete from outbox o using ${seenColumns.of(failures.map(({ event }) => event))} as r
     where o.shard = r.shard and o.event_id = r.event_id and o.due_at = r.due_at::timestamptz
    returning o.event_id as "eventId", o.tenant_id as "tenantId", o.kind,
              o.subject_id as "subjectId", o.created_at::text as "createdAt"`);
  const reasons = new Map(failures.map(({ event, reason }) => [event.eventId, reason]));
  await Promise.all(gone.map((row) => tx.write(keep(row, reasons.get(row.eventId) ?? ""), 1)));
  return gone.length;
}

const keep = ({ eventId, tenantId, kind, subjectId, createdAt }: Row, reason: string) => sql`
  insert into parked_events (event_id, tenant_id, kind, subject_id, tries, reason, created_at)
  values (${eventId}, ${tenantId}, ${kind}, ${subjectId}, ${triesMax}, ${reason.slice(0, 1_000)},
          ${createdAt}::timestamptz)
      on conflict (event_id) do update set reason = excluded.reason, parked_at = now()`;

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

/**
 * Back into the outbox, as if they had just happened; all of them, or the one. It stands in the log of
 * each tenant that has some. Returns how many.
 */
export async function replayParked(db: Db, actor: Actor, eventId?: string): Promise<number> {
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
      for (const [tenantId, { length: events }] of byTenant) {
        const object = { kind: "event", id: eventId ?? "all" };
        await record(tx, { tenantId, actor, action: "event.replay", object, after: { events } });
      }
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
