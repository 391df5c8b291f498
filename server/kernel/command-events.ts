import type { Db } from "../db/open.ts";
import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";

/** That a merchant, an item or a mandate was made or changed by a command; asks leave theirs in their plan. */
export interface CommandEvent {
  readonly tenantId: string;
  readonly kind: CommandKind;
  readonly subjectId: string;
}

export type CommandKind =
  | "merchant.created"
  | "item.created"
  | "item.opened"
  | "item.closed"
  | "item.price_changed"
  | "item.adjusted"
  | "item.resharded"
  | "mandate.created"
  | "mandate.activated"
  | "mandate.paused"
  | "mandate.revoked"
  | "mandate.cap_changed"
  | "mandate.rules_changed"
  | "mandate.resharded";

/** In the transaction that makes the change, so that it is told exactly when there is something to tell. */
export async function leaveEvent(
  tx: Tx,
  { dialect }: Pick<Db, "dialect">,
  { tenantId, kind, subjectId }: CommandEvent,
): Promise<void> {
  const eventId = dialect.newId();
  const shard = Number.parseInt(eventId.slice(-1), 16);
  await tx.write(
    sql`insert into outbox (shard, event_id, tenant_id, kind, subject_id)
        values (${shard}, ${eventId}, ${tenantId}, ${kind}, ${subjectId})`,
    1,
  );
}

const eventColumns = new Columns<CommandEvent & { readonly eventId: string }>({
  event_id: ["uuid", (r) => r.eventId],
  shard: ["integer", (r) => Number.parseInt(r.eventId.slice(-1), 16)],
  tenant_id: ["uuid", (r) => r.tenantId],
  kind: ["text", (r) => r.kind],
  subject_id: ["uuid", (r) => r.subjectId],
});

/** The same for many that are changed at once. */
export async function leaveEvents(
  tx: Tx,
  { dialect }: Pick<Db, "dialect">,
  events: readonly CommandEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map((event) => ({ ...event, eventId: dialect.newId() }));
  await tx.write(
    sql`insert into outbox (shard, event_id, tenant_id, kind, subject_id)
        select shard, event_id, tenant_id, kind, subject_id from ${eventColumns.of(rows)} as r`,
    rows.length,
  );
}
