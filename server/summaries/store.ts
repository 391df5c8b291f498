import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import type { Sum } from "./wire.ts";

export interface Owner {
  readonly tenantId: string;
  /** A merchant of the tenant, or the tenant itself. */
  readonly ownerId: string;
}

/** Undefined when there is no such merchant. */
export async function tenantOf(db: Db, merchantId: string): Promise<string | undefined> {
  const query = sql`select tenant_id as "tenantId" from merchants where merchant_id = ${merchantId}`;
  const rows = await transact(db, "find_merchant", (tx) => tx.rows<Owner>(query), {
    readOnly: true,
  });
  return rows[0]?.tenantId;
}

/** Whether what this ask changed may still be missing in the copies of the owner. */
export async function isUntold(db: Db, { ownerId }: Owner, eventId: string): Promise<boolean> {
  const shardOf = (id: string): number => Number.parseInt(id.slice(-1), 16);
  const query = sql`
    select exists (select from outbox where (shard = ${shardOf(eventId)} and event_id = ${eventId})
                                         or (shard = ${shardOf(ownerId)} and event_id = ${ownerId}))
        or exists (select from parked_events where event_id in (${eventId}, ${ownerId})) as untold`;
  const rows = await transact(db, "is_untold", (tx) => tx.rows<{ untold: boolean }>(query), {
    readOnly: true,
  });
  return rows[0]?.untold !== false;
}

export interface Books {
  readonly asOf: string;
  readonly sums: readonly (Sum & { readonly currency: string })[];
}

const patienceMs = 5_000;
/** The database ends it itself, before we would have to leave it alone with its work. */
const marginMs = 100;

/**
 * Exact, as of one moment: what was added up, and the legs of the events that were not yet. Those are
 * few while a worker works; where there is none they are all, so it has an end.
 */
export async function readBooks(db: Db, { tenantId, ownerId }: Owner): Promise<Books> {
  const sums = sql`
    select account, kind, currency, sum(amount_minor)::bigint as "amountMinor",
           sum(legs)::bigint as legs
      from (select account, kind, currency, amount_minor, legs from account_totals
             where owner_id = ${ownerId} and account <> 'MANDATE_RESERVED'
             union all
            select l.account, l.kind, l.currency, l.amount_minor, 1
              from (select event_id, subject_id from outbox where tenant_id = ${tenantId}
                     union all
                    select event_id, subject_id from parked_events where tenant_id = ${tenantId}) e
              join ledger_entries l on l.purchase_id = e.subject_id and l.txn_id = e.event_id
             where l.account <> 'MANDATE_RESERVED'
               and (l.owner_id = ${ownerId} or l.tenant_id = ${ownerId})) s
     group by account, kind, currency
     order by currency, account, kind`;
  const timeout = db.dialect.statementTimeout(patienceMs - marginMs);
  return transact(
    db,
    "sum_up",
    async (tx) => {
      const [, [now], rows] = await Promise.all([
        timeout && tx.run(timeout),
        tx.rows<{ asOf: Date }>(sql`select now() as "asOf"`),
        tx.rows<Books["sums"][number]>(sums),
      ]);
      return { asOf: now?.asOf.toISOString() ?? "", sums: rows };
    },
    { readOnly: true, deadlineAt: performance.now() + patienceMs, attemptTimeoutMs: patienceMs },
  );
}
