import type { Db } from "../../server/db/open.ts";
import { prepared } from "../../server/db/sql.ts";
import { transact, type Tx } from "../../server/db/transact.ts";
import { seenColumns, type DueEvent } from "./due.ts";

/** An owner whose sums changed is told about like anything else: by a row that is due. */
export const totalsChanged = "totals.changed";

/**
 * A row is dated at the beginning of its transaction, and until that ends nobody sees it. No attempt at a
 * sale takes longer.
 */
export const underWayMs = 5_000;

/**
 * Read before sums are told: what they will not have yet was sold after this moment. Only where an owner's
 * row has grown old: who sells without a pause has it made due again whenever it is told, and nobody else
 * would say that it is no longer about what it was made for.
 */
export async function readFloor(db: Db, events: readonly DueEvent[]): Promise<Date | undefined> {
  const owners = events.filter(({ kind }) => kind === totalsChanged);
  if (owners.length === 0) return undefined;
  const work = async (tx: Tx): Promise<Date | undefined> => {
    const old = await tx.rows(prepared("outbox_old")`
      select o.event_id
        from ${seenColumns.of(owners)} as r
        join outbox o on o.shard = r.shard and o.event_id = r.event_id
       where o.created_at < now() - ${2 * underWayMs} * interval '1 millisecond' limit 1`);
    if (old.length === 0) return undefined;
    const [row] = await tx.rows<{ floor: Date }>(prepared("outbox_floor")`
      select least(now() - ${underWayMs} * interval '1 millisecond', min(created_at)) as floor
        from outbox where kind <> ${totalsChanged}`);
    return row?.floor;
  };
  return transact(db, "outbox_floor", work, { readOnly: true });
}

/** Their sums have all that was sold before the floor, though they are to be told once more. */
export const raiseTo = (floor: Date, owners: readonly DueEvent[]) => prepared("outbox_raise")`
  update outbox o set created_at = ${floor.toISOString()}::timestamptz
    from ${seenColumns.of(owners)} as r
   where o.shard = r.shard and o.event_id = r.event_id and o.created_at < ${floor.toISOString()}::timestamptz`;
