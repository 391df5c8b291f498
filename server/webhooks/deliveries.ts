import { startOf, type Page } from "../db/page.ts";
import { Fragment, sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import { sampleOf, testKind } from "./kinds.ts";

export const deliveryStates = ["pending", "delivered", "failed", "skipped"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

export interface Delivery {
  readonly deliveryId: string;
  readonly endpointId: string;
  readonly tenantId: string;
  readonly eventId: string;
  readonly kind: string;
  readonly payload: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly dueAt: string | null;
  readonly deliveredAt: string | null;
  readonly lastStatus: number | null;
  readonly lastFault: string | null;
  readonly lastMs: number | null;
  /** How it began, in short. */
  readonly lastAnswer: string | null;
  readonly createdAt: string;
}

const select = new Fragment(`
  select d.delivery_id as "deliveryId", d.endpoint_id as "endpointId", d.tenant_id as "tenantId",
         d.event_id as "eventId", d.kind, d.payload, d.state, d.attempts,
         case when d.state = 'pending' then d.due_at::text end as "dueAt",
         d.delivered_at::text as "deliveredAt", l.status as "lastStatus", l.fault as "lastFault",
         l.ms as "lastMs", left(l.answer, 120) as "lastAnswer",
         d.created_at::text as "createdAt"
    from webhook_deliveries d
    left join lateral (select status, fault, ms, answer from webhook_attempts a
                        where a.delivery_id = d.delivery_id
                        order by attempt desc limit 1) l on true`);

export async function findDelivery(tx: Tx, deliveryId: string): Promise<Delivery | undefined> {
  const [delivery] = await tx.rows<Delivery>(sql`${select} where d.delivery_id = ${deliveryId}`);
  return delivery;
}

export interface DeliveryFilter {
  readonly state?: DeliveryState | undefined;
  readonly event?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export async function listDeliveries(
  tx: Tx,
  endpointId: string,
  { state, event, from, to, ...page }: Page & DeliveryFilter,
): Promise<Delivery[]> {
  const { createdAt, id } = startOf(page);
  return tx.rows<Delivery>(
    sql`${select}
         where d.endpoint_id = ${endpointId}
           and (d.created_at, d.delivery_id) < (${createdAt}::timestamptz, ${id}::uuid)
           and (${state ?? null}::text is null or d.state = ${state ?? null}::text)
           and (${event ?? null}::text is null or d.kind = ${event ?? null}::text)
           and d.created_at >= coalesce(${from ?? null}::timestamptz, '-infinity')
           and d.created_at < coalesce(${to ?? null}::timestamptz, 'infinity')
         order by d.created_at desc, d.delivery_id desc
         limit ${page.limit}`,
  );
}

/** Of the events of one purchase, in the order in which they happened, the last first, by the webhooks that there are now; 200 at most. */
export async function deliveriesOfPurchase(
  tx: Tx,
  { tenantId, purchaseId }: { readonly tenantId: string; readonly purchaseId: string },
): Promise<Delivery[]> {
  return tx.rows<Delivery>(
    sql`${select}
          join (select txn_id, min(created_at) as at from ledger_entries
                 where purchase_id = ${purchaseId} group by txn_id) e on e.txn_id = d.event_id
         where d.endpoint_id in (select endpoint_id from webhook_endpoints where tenant_id = ${tenantId})
         order by e.at desc, d.created_at desc, d.delivery_id desc
         limit 200`,
  );
}

/** Whose purchase it is; undefined where there is none. */
export async function ownerOfPurchase(tx: Tx, purchaseId: string): Promise<string | undefined> {
  const [row] = await tx.tuples<[string]>(
    sql`select tenant_id from purchases where purchase_id = ${purchaseId} limit 1`,
  );
  return row?.[0];
}

export interface Attempt {
  readonly attempt: number;
  readonly status: number | null;
  readonly fault: string | null;
  readonly ms: number;
  readonly answer: string;
  readonly at: string;
  readonly sentTo: string | null;
  /** JSON. */
  readonly sentHeaders: string | null;
}

/** The newest first: more than a page of them is nobody's need. */
export async function listAttempts(tx: Tx, deliveryId: string): Promise<Attempt[]> {
  return tx.rows<Attempt>(
    sql`select attempt, status, fault, ms, answer, created_at::text as at,
               sent_to as "sentTo", sent_headers as "sentHeaders"
          from webhook_attempts where delivery_id = ${deliveryId}
         order by attempt desc limit 100`,
  );
}

/** Owed anew, from the beginning of the schedule. */
export async function redeliver(tx: Tx, deliveryId: string): Promise<void> {
  await tx.write(
    sql`update webhook_deliveries set state = 'pending', due_at = now(), counts_from = attempts,
               delivered_at = null
         where delivery_id = ${deliveryId}`,
    1,
  );
}

/** An event of nobody's, for the receiver's author. */
export async function oweTest(
  tx: Tx,
  {
    deliveryId,
    endpointId,
    tenantId,
  }: { readonly deliveryId: string; readonly endpointId: string; readonly tenantId: string },
): Promise<void> {
  const [[at] = [""]] = await tx.tuples<[string]>(
    sql`select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  );
  const payload = sampleOf(testKind, deliveryId, at);
  await tx.write(
    sql`insert into webhook_deliveries (delivery_id, endpoint_id, event_id, tenant_id, kind, payload, state,
                                        attempts, counts_from)
        values (${deliveryId}, ${endpointId}, ${deliveryId}, ${tenantId}, ${testKind}, ${payload}, 'pending',
                0, 0)`,
    1,
  );
}
