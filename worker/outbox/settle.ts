import type { Addition } from "../../server/balances/snapshot.ts";
import type { Db } from "../../server/db/open.ts";
import { Columns } from "../../server/db/rows.ts";
import { prepared } from "../../server/db/sql.ts";
import { transact, type Tx } from "../../server/db/transact.ts";
import { shardOf } from "../../server/outbox/shard-of.ts";
import { seenColumns, type DueEvent } from "./due.ts";
import { raiseTo, totalsChanged } from "./floor.ts";

interface Gone {
  readonly eventId: string;
  readonly kind: string;
  readonly subjectId: string;
  readonly lagSeconds: number;
}

interface Owner {
  readonly ownerId: string;
  readonly tenantId: string;
}

/** What was added to one slice of one sum, and the version that this made of it. */
export interface Added extends Owner, Addition {}

export interface Settled {
  /** Commit to visible, for each event that this call settled: what another settled is not in it. */
  readonly lagSeconds: readonly number[];
  /** To the sums of merchants and tenants. */
  readonly added: readonly Added[];
}

/**
 * The debt is paid: the rows go, and in the same transaction their legs are added to the sums. Whoever
 * comes second finds no row and adds nothing. What was sold before the floor is in the sums that were told.
 */
export async function settle(
  db: Db,
  events: readonly DueEvent[],
  slice: number,
  floor?: Date,
): Promise<Settled> {
  if (events.length === 0) return { lagSeconds: [], added: [] };
  const work = async (tx: Tx): Promise<Settled> => {
    const gone = await tx.rows<Gone>(prepared("outbox_settle")`
      delete from outbox o using ${seenColumns.of(events)} as r
       where o.shard = r.shard and o.event_id = r.event_id and o.due_at = r.due_at::timestamptz
      returning o.event_id as "eventId", o.kind, o.subject_id as "subjectId",
                extract(epoch from now() - o.created_at)::float8 as "lagSeconds"`);
    if (floor !== undefined) {
      const owners = events.filter(({ kind }) => kind === totalsChanged);
      await tx.run(raiseTo(floor, owners));
    }
    let added: Added[] = [];
    if (gone.length > 0) {
      added = await addUp(tx, gone, slice);
      // Sums that were told leave no debt: else those of who sells without a pause would grow old for ever.
      const sales = gone.filter(({ kind }) => kind !== totalsChanged);
      const oldest = Math.max(...sales.map(({ lagSeconds }) => lagSeconds));
      if (added.length > 0) await tx.run(owe(added, oldest));
    }
    return { lagSeconds: gone.map(({ lagSeconds }) => lagSeconds), added };
  };
  return transact(db, "outbox_settle", work, { recalls: true });
}

const goneColumns = new Columns<Gone>({
  event_id: ["uuid", (r) => r.eventId],
  subject_id: ["uuid", (r) => r.subjectId],
});

/**
 * Returns what was added to sums that are shown: of merchants and tenants. Rows in one order, so that nobody
 * waits in a ring.
 */
async function addUp(tx: Tx, gone: readonly Gone[], slice: number): Promise<Added[]> {
  const sums = await tx.rows<Omit<Added, "version">>(prepared("outbox_legs")`
    select case when o.of_tenant then l.tenant_id else l.owner_id end as "ownerId",
           l.tenant_id as "tenantId", l.account, l.kind, l.currency, ${slice}::integer as slice,
           sum(l.amount_minor)::bigint as "amountMinor", count(*) as legs
      from ${goneColumns.of(gone)} as g
      join ledger_entries l on l.purchase_id = g.subject_id and l.txn_id = g.event_id
     cross join (values (false), (true)) as o(of_tenant)
     group by 1, 2, 3, 4, 5`);
  if (sums.length === 0) return [];
  const versions = await tx.rows<Pick<Added, "version"> & Sum>(addTo(sums));
  const versionOf = new Map(versions.map((row) => [nameOf(row), row.version]));
  const shown = new Set(sums.filter(isShown).map(({ ownerId }) => ownerId));
  return sums
    .filter(({ ownerId }) => shown.has(ownerId))
    .map((sum) => ({ ...sum, version: versionOf.get(nameOf(sum)) ?? 0n }));
}

type Sum = Pick<Added, "ownerId" | "account" | "kind" | "currency">;

const isShown = ({ account }: Sum): boolean => account !== "MANDATE_RESERVED";

const nameOf = ({ ownerId, account, kind, currency }: Sum): string =>
  `${ownerId} ${account} ${kind} ${currency}`;

const sumColumns = new Columns<Omit<Added, "version">>({
  owner_id: ["uuid", (r) => r.ownerId],
  account: ["text", (r) => r.account],
  kind: ["text", (r) => r.kind],
  currency: ["text", (r) => r.currency],
  slice: ["integer", (r) => r.slice],
  tenant_id: ["uuid", (r) => r.tenantId],
  amount_minor: ["bigint", (r) => r.amountMinor],
  legs: ["bigint", (r) => r.legs],
});

const addTo = (sums: readonly Omit<Added, "version">[]) => prepared("outbox_add_up")`
  insert into account_totals as t (${sumColumns.names}, version)
  select ${sumColumns.names}, 1 from ${sumColumns.of(sums)} as r
   order by owner_id, account, kind, currency
      on conflict (owner_id, account, kind, currency, slice) do update
     set amount_minor = t.amount_minor + excluded.amount_minor, legs = t.legs + excluded.legs,
         version = t.version + 1
  returning owner_id as "ownerId", account, kind, currency, version`;

const ownerColumns = new Columns<Owner>({
  owner_id: ["uuid", (r) => r.ownerId],
  shard: ["integer", (r) => shardOf(r.ownerId)],
  tenant_id: ["uuid", (r) => r.tenantId],
});

/**
 * One row per owner, made due anew: whoever is just telling about the one before does not delete it. It is as
 * old as the oldest sale that it is about, or the watermark would pass what is not told yet.
 */
export const owe = (added: readonly Owner[], oldestSeconds: number) => prepared("outbox_owe")`
  insert into outbox as o (shard, event_id, tenant_id, kind, subject_id, created_at)
  select shard, owner_id, tenant_id, ${totalsChanged}, owner_id,
         now() - ${oldestSeconds}::float8 * interval '1 second'
    from ${ownerColumns.of([...new Map(added.map((one) => [one.ownerId, one])).values()])} as r
   order by shard, owner_id
      on conflict (shard, event_id) do update
     set due_at = clock_timestamp(), tries = 0, created_at = least(o.created_at, excluded.created_at)`;
