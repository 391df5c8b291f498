import type { Db } from "../../server/db/open.ts";
import { Columns } from "../../server/db/rows.ts";
import { prepared, sql } from "../../server/db/sql.ts";
import { transact, type Tx } from "../../server/db/transact.ts";
import { owe } from "./settle.ts";

/** A sum that is not what its legs come to. */
export interface Difference {
  readonly ownerId: string;
  readonly tenantId: string;
  readonly account: string;
  readonly kind: string;
  readonly currency: string;
  /** What must be added to the sum, and to its count. */
  readonly amountMinor: bigint;
  readonly legs: bigint;
}

const patienceMs = 120_000;

/**
 * Holds every sum against the journal, in one snapshot: legs, less those whose events still stand in
 * the outbox or are parked. Reads the whole journal. With `repair` the difference is added to a slice
 * of its own, where no worker writes; so it races with nobody, and found twice it is added once.
 */
export async function reconcile(db: Db, { repair = false } = {}): Promise<Difference[]> {
  const work = async (tx: Tx): Promise<Difference[]> => {
    const found = await tx.rows<Difference>(differences);
    if (repair && found.length > 0) {
      await tx.run(correct(found));
      // The copies of just these owners are written anew: nothing needs to be rebuilt for it.
      const shown = found.filter(({ account }) => account !== "MANDATE_RESERVED");
      if (shown.length > 0) await tx.run(owe(shown, 0));
    }
    return found;
  };
  return transact(db, "reconcile", work, {
    recalls: true,
    deadlineAt: performance.now() + patienceMs,
    attemptTimeoutMs: patienceMs,
  });
}

const differences = sql`
  with booked as (
    select case when o.of_tenant then l.tenant_id else l.owner_id end as owner_id, l.tenant_id,
           l.account, l.kind, l.currency, l.amount_minor, 1 as legs
      from ledger_entries l
     cross join (values (false), (true)) as o(of_tenant)
     where not exists (select from outbox e where e.event_id = l.txn_id
                          and e.shard = ('x' || right(l.txn_id::text, 1))::bit(4)::integer)
       and not exists (select from parked_events p where p.event_id = l.txn_id)
    union all
    select owner_id, tenant_id, account, kind, currency, -amount_minor, -legs from account_totals
  )
  select owner_id as "ownerId", tenant_id as "tenantId", account, kind, currency,
         sum(amount_minor)::bigint as "amountMinor", sum(legs)::bigint as legs
    from booked
   group by owner_id, tenant_id, account, kind, currency
  having sum(amount_minor) <> 0 or sum(legs) <> 0
   order by owner_id, account, kind, currency`;

const columns = new Columns<Difference>({
  owner_id: ["uuid", (r) => r.ownerId],
  tenant_id: ["uuid", (r) => r.tenantId],
  account: ["text", (r) => r.account],
  kind: ["text", (r) => r.kind],
  currency: ["text", (r) => r.currency],
  amount_minor: ["bigint", (r) => r.amountMinor],
  legs: ["bigint", (r) => r.legs],
});

const correct = (found: readonly Difference[]) => prepared("correct_totals")`
  insert into account_totals as t
         (owner_id, account, kind, currency, slice, tenant_id, amount_minor, legs, version)
  select owner_id, account, kind, currency, -1, tenant_id, amount_minor, legs, 1
    from ${columns.of(found)} as r
      on conflict (owner_id, account, kind, currency, slice) do update
     set amount_minor = t.amount_minor + excluded.amount_minor, legs = t.legs + excluded.legs,
         version = t.version + 1`;
