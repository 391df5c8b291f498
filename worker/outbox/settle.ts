import type { Db } from "../../server/db/open.ts";
import { Columns } from "../../server/db/rows.ts";
import { prepared } from "../../server/db/sql.ts";
import { transact, type Tx } from "../../server/db/transact.ts";
import { seenColumns, shardOf, type DueEvent } from "./due.ts";

/** An owner whose sums changed is told about like anything else: by a row that is due. */
export const totalsChanged = "totals.changed";

interface Gone {
  readonly eventId: string;
  readonly subjectId: string;
  readonly lagSeconds: number;
}

interface Owner {
  readonly ownerId: string;
  readonly tenantId: string;
}

export interface Settled {
  /** Commit to visible, for each event that this call settled: what another settled is not in it. */
  readonly lagSeconds: readonly number[];
}

/**
 * The debt is paid: the rows go, and in the same transaction their legs are added to the sums. Whoever
 * comes second finds no row and adds nothing.
 */
export async function settle(db: Db, events: readonly DueEvent[], slice: number): Promise<Settled> {
  if (events.length === 0) return { lagSeconds: [] };
  const work = async (tx: Tx): Promise<Settled> => {
    const gone = await tx.rows<Gone>(prepared("outbox_settle")`
      delete from outbox o using ${seenColumns.of(events)} as r
       where o.shard = r.shard and o.event_id = r.event_id and o.due_at = r.due_at::timestamptz
      returning o.event_id as "eventId", o.subject_id as "subjectId",
                extract(epoch from now() - o.created_at)::float8 as "lagSeconds"`);
    if (gone.length > 0) {
      const owners = await addUp(tx, gone, slice);
      if (owners.length > 0) await tx.run(owe(owners));
    }
    return { lagSeconds: gone.map(({ lagSeconds }) => lagSeconds) };
  };
  return transact(db, "outbox_settle", work, { recalls: true });
}

const goneColumns = new Columns<Gone>({
  event_id: ["uuid", (r) => r.eventId],
  subject_id: ["uuid", (r) => r.subjectId],
});

/** Returns those whose sums are shown: merchants and tenants. Rows in one order, so that nobody waits in a ring. */
async function addUp(tx: Tx, gone: readonly Gone[], slice: number): Promise<Owner[]> {
  const touched = await tx.rows<Owner & { account: string }>(prepared("outbox_add_up")`
    insert into account_totals as t
           (owner_id, account, kind, currency, slice, tenant_id, amount_minor, legs, version)
    select owner_id, account, kind, currency, ${slice}::integer, tenant_id, amount_minor, legs, 1
      from (select case when o.of_tenant then l.tenant_id else l.owner_id end as owner_id, l.account,
                   l.kind, l.currency, l.tenant_id, sum(l.amount_minor)::bigint as amount_minor,
                   count(*) as legs
              from ${goneColumns.of(gone)} as g
              join ledger_entries l on l.purchase_id = g.subject_id and l.txn_id = g.event_id
              join (values (false), (true)) as o(of_tenant)
                on not o.of_tenant or l.account <> 'MANDATE_RESERVED'
             group by 1, 2, 3, 4, 5) s
     order by owner_id, account, kind, currency
        on conflict (owner_id, account, kind, currency, slice) do update
       set amount_minor = t.amount_minor + excluded.amount_minor, legs = t.legs + excluded.legs,
           version = t.version + 1
    returning owner_id as "ownerId", tenant_id as "tenantId", account`);
  const shown = touched.filter(({ account }) => account !== "MANDATE_RESERVED");
  return [...new Map(shown.map((row) => [row.ownerId, row])).values()];
}

const ownerColumns = new Columns<Owner>({
  owner_id: ["uuid", (r) => r.ownerId],
  shard: ["integer", (r) => shardOf(r.ownerId)],
  tenant_id: ["uuid", (r) => r.tenantId],
});

/** One row per owner, made due anew: whoever is just telling about the one before does not delete it. */
const owe = (owners: readonly Owner[]) => prepared("outbox_owe")`
  insert into outbox as o (shard, event_id, tenant_id, kind, subject_id)
  select shard, owner_id, tenant_id, ${totalsChanged}, owner_id from ${ownerColumns.of(owners)} as r
   order by shard, owner_id
      on conflict (shard, event_id) do update set due_at = clock_timestamp(), tries = 0`;
