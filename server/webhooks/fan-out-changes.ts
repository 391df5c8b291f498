import type { Db } from "../db/open.ts";
import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import type { Heard } from "./fan-out.ts";
import { isChange, payloadOf, type EventFacts } from "./kinds.ts";
import { owe, type Owed } from "./owe.ts";

/** An event that moved neither money nor units, as its outbox row has it. */
export interface HeardChange extends Heard {
  readonly kind: string;
  readonly shard: number;
}

const columns = new Columns<HeardChange>({
  event_id: ["uuid", (r) => r.eventId],
  subject_id: ["uuid", (r) => r.subjectId],
  shard: ["integer", (r) => r.shard],
});

/**
 * Makes a delivery for each endpoint that wants to hear of these: once, however often they are told. They
 * stand in the outbox until that is done, and nowhere else: no round looks for them later.
 */
export async function fanOutChanges(db: Db, events: readonly HeardChange[]): Promise<number> {
  const heard = events.filter(({ kind }) => isChange(kind));
  const extended = heard.filter(({ kind }) => kind === "purchase.extended");
  const things = heard.filter(({ kind }) => kind !== "purchase.extended");
  if (heard.length === 0) return 0;
  const newId = (): string => db.dialect.newId();
  const work = async (tx: Tx): Promise<number> => {
    const owed = [
      ...(extended.length > 0 ? await ofExtensions(tx, extended) : []),
      ...(things.length > 0 ? await ofThings(tx, things) : []),
    ];
    return owe(tx, owed, newId);
  };
  return transact(db, "fan_out_changes", work, { recalls: true });
}

interface ExtensionRow extends Omit<EventFacts, "kind" | "amountMinor" | "currency"> {
  readonly endpointId: string;
  readonly isEnabled: boolean;
  readonly tenantId: string;
  readonly answer: string;
}

/**
 * The answer that was given says until when: it is never changed. What its own transaction booked came after
 * it: it may have captured the hold.
 */
async function ofExtensions(tx: Tx, events: readonly HeardChange[]): Promise<Owed[]> {
  const rows = await tx.rows<ExtensionRow>(
    sql`select e.endpoint_id as "endpointId", e.state = 'enabled' as "isEnabled", a.tenant_id as "tenantId",
               a.ask_id as "eventId", a.purchase_id as "purchaseId", a.answer,
               to_char(a.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
               (select count(distinct l.txn_id) from ledger_entries l
                 where l.purchase_id = a.purchase_id and l.created_at < a.created_at)::integer as sequence,
               p.merchant_id as "merchantId", p.mandate_id as "mandateId", p.agent_id as "agentId"
          from ${columns.of(events)} as h
          join asks a on a.ask_id = h.event_id
          join purchases p on p.purchase_id = a.purchase_id and p.line = 0
          join webhook_endpoints e on e.tenant_id = a.tenant_id and e.created_at <= a.created_at
           and (e.kinds = '*' or position(' purchase.extended ' in e.kinds) > 0)`,
  );
  return rows.map(({ endpointId, isEnabled, tenantId, answer, ...row }) => {
    const kind = "purchase.extended";
    const told = JSON.parse(answer) as Pick<EventFacts, "amountMinor" | "currency" | "expiresAt">;
    const { amountMinor, currency, expiresAt = "" } = told;
    const payload = payloadOf({ kind, ...row, amountMinor, currency, expiresAt });
    return { endpointId, isEnabled, tenantId, eventId: row.eventId, kind, payload };
  });
}

interface ThingRow extends Omit<Owed, "payload"> {
  readonly subjectId: string;
  readonly at: string;
  readonly merchantId: string | null;
}

async function ofThings(tx: Tx, events: readonly HeardChange[]): Promise<Owed[]> {
  const rows = await tx.rows<ThingRow>(
    sql`select e.endpoint_id as "endpointId", e.state = 'enabled' as "isEnabled", o.tenant_id as "tenantId",
               o.event_id as "eventId", o.subject_id as "subjectId", o.kind, i.merchant_id as "merchantId",
               to_char(o.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
          from ${columns.of(events)} as h
          join outbox o on o.shard = h.shard and o.event_id = h.event_id
          join webhook_endpoints e on e.tenant_id = o.tenant_id and e.created_at <= o.created_at
           and (e.kinds = '*' or position(' ' || o.kind || ' ' in e.kinds) > 0)
          left join items i on i.item_id = o.subject_id`,
  );
  return rows.map(({ subjectId, at, merchantId, ...owed }) => {
    const { kind, eventId } = owed;
    const [noun = ""] = kind.split(".");
    const named = { [`${noun}Id`]: subjectId, ...(merchantId !== null && { merchantId }) };
    return { ...owed, payload: payloadOf({ kind, at, eventId, ...named }) };
  });
}
