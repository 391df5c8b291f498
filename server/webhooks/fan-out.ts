import type { Db } from "../db/open.ts";
import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { payloadOf, type EventFacts } from "./kinds.ts";
import { owe } from "./owe.ts";

/** An event as the outbox names it; `eventId` is the id of its ledger transaction. */
export interface Heard {
  readonly eventId: string;
  /** The purchase. */
  readonly subjectId: string;
}

interface Found extends EventFacts {
  readonly endpointId: string;
  readonly tenantId: string;
  readonly isEnabled: boolean;
}

const heardColumns = new Columns<Heard>({
  txn_id: ["uuid", (r) => r.eventId],
  purchase_id: ["uuid", (r) => r.subjectId],
});

/**
 * Makes a delivery for each endpoint that wants to hear of these events: once, however often, by however
 * many and in whatever order they are told. What is told are facts of the event itself. Of what one
 * transaction booked refunds come last: it may have captured what it refunds. Returns how many were made.
 * Events that move no money or units, and those of the future, make none.
 */
export async function fanOut(db: Db, events: readonly Heard[]): Promise<number> {
  if (events.length === 0) return 0;
  const newId = (): string => db.dialect.newId();
  return transact(db, "fan_out", (tx) => fanOutIn(tx, events, newId), { recalls: true });
}

async function fanOutIn(tx: Tx, events: readonly Heard[], newId: () => string): Promise<number> {
  const found = await tx.rows<Found>(
    sql`select e.endpoint_id as "endpointId", e.state = 'enabled' as "isEnabled", t.tenant_id as "tenantId",
               'purchase.' || t.word as kind, t.txn_id as "eventId", t.purchase_id as "purchaseId",
               to_char(t.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
               (select count(distinct l.txn_id) from ledger_entries l
                 where l.purchase_id = t.purchase_id
                   and (l.created_at, l.kind = 'refund', l.txn_id)
                       <= (t.created_at, t.word = 'refunded', t.txn_id))::integer as sequence,
               p.merchant_id as "merchantId", p.mandate_id as "mandateId", p.agent_id as "agentId",
               t.amount_minor::float8 as "amountMinor", t.currency
          from (select l.tenant_id, l.purchase_id, l.txn_id, min(l.created_at) as created_at,
                       min(l.currency) as currency,
                       case min(l.kind) when 'commit' then 'committed' when 'hold' then 'held'
                            when 'capture' then 'captured' when 'release' then 'released'
                            when 'expire' then 'expired' when 'refund' then 'refunded' end as word,
                       abs(sum(l.amount_minor) filter (
                         where l.account = case when l.kind in ('commit', 'capture', 'refund')
                                                then 'MERCHANT_PAYABLE' else 'MERCHANT_HELD' end)) as amount_minor
                  from ${heardColumns.of(events)} as h
                  join ledger_entries l on l.purchase_id = h.purchase_id and l.txn_id = h.txn_id
                 group by l.tenant_id, l.purchase_id, l.txn_id) t
          join webhook_endpoints e on e.tenant_id = t.tenant_id and e.created_at <= t.created_at
           and (e.kinds = '*' or position(' purchase.' || t.word || ' ' in e.kinds) > 0)
         cross join lateral (select merchant_id, mandate_id, agent_id from purchases
                              where purchases.purchase_id = t.purchase_id order by line limit 1) p
         where not exists (select 1 from webhook_deliveries d
                            where d.endpoint_id = e.endpoint_id and d.event_id = t.txn_id)`,
  );
  const owed = found.map(({ endpointId, tenantId, isEnabled, ...facts }) => {
    const { eventId, kind } = facts;
    return { endpointId, tenantId, isEnabled, eventId, kind, payload: payloadOf(facts) };
  });
  return owe(tx, owed, newId);
}

export interface HearOptions {
  /** What began this long ago can no longer be committed, so nothing comes in before it. */
  readonly marginSeconds?: number;
  readonly eventsMax?: number;
}

/**
 * What was told to nobody is found in the ledger itself, behind the tenant's mark: so an event reaches
 * its endpoints also when its outbox row was never heard. Returns how many deliveries were made.
 */
export async function hearWhatWasMissed(
  db: Db,
  signal: AbortSignal,
  options: HearOptions = {},
): Promise<number> {
  let made = 0;
  for (const tenantId of await listeners(db)) {
    for (;;) {
      if (signal.aborted) return made;
      const missed = await missedOf(db, tenantId, options);
      if (missed.length === 0) break;
      const more = await fanOut(db, missed);
      made += more;
      // Another has made them meanwhile; what is still missing shows the next time.
      if (more === 0) break;
    }
  }
  return made;
}

/** The tenants that want to be told anything. */
export async function listeners(db: Db): Promise<string[]> {
  const query = sql`select distinct tenant_id from webhook_endpoints`;
  const found = await transact(db, "webhook_tenants", (tx) => tx.tuples<[string]>(query), {
    readOnly: true,
  });
  return found.map(([tenantId]) => tenantId);
}

/** Moves the mark once there is nothing behind it. */
async function missedOf(
  db: Db,
  tenantId: string,
  { marginSeconds = 120, eventsMax = 200 }: HearOptions,
): Promise<Heard[]> {
  const work = async (tx: Tx): Promise<Heard[]> => {
    const missed = await tx.rows<Heard>(
      sql`select l.txn_id as "eventId", l.purchase_id as "subjectId"
            from ledger_entries l
           where l.tenant_id = ${tenantId} and l.leg = 0
             and l.created_at >= (select heard_to from webhook_marks where tenant_id = ${tenantId})
             and exists (select 1 from webhook_endpoints e
                          where e.tenant_id = l.tenant_id and e.created_at <= l.created_at
                            and (e.kinds = '*' or position(
                                  case l.kind when 'commit' then ' purchase.committed '
                                              when 'hold' then ' purchase.held '
                                              when 'capture' then ' purchase.captured '
                                              when 'release' then ' purchase.released '
                                              when 'expire' then ' purchase.expired '
                                              else ' purchase.refunded ' end in e.kinds) > 0)
                            and not exists (select 1 from webhook_deliveries d
                                             where d.endpoint_id = e.endpoint_id and d.event_id = l.txn_id))
           order by l.created_at, l.txn_id
           limit ${eventsMax}`,
    );
    if (missed.length === 0) {
      await tx.run(
        sql`update webhook_marks set heard_to = now() - ${marginSeconds}::float8 * interval '1 second'
             where tenant_id = ${tenantId}
               and heard_to < now() - 2 * ${marginSeconds}::float8 * interval '1 second'`,
      );
    }
    return missed;
  };
  return transact(db, "hear_missed", work, { recalls: true });
}
