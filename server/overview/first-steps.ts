import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";

/** When a tenant did each for the first time, and what it could buy next. */
export interface FirstSteps {
  readonly run: Date | null;
  readonly key: Date | null;
  readonly item: Date | null;
  readonly mandate: Date | null;
  readonly purchase: Date | null;
  readonly webhook: Date | null;
  readonly merchantId: string | null;
  readonly ready: ReadyToBuy | undefined;
}

export interface ReadyToBuy {
  readonly merchantId: string;
  readonly mandateId: string;
  readonly itemId: string;
  readonly agentId: string | null;
  readonly priceMinor: bigint;
  readonly currency: string;
}

/** Among this many of the newest items, and of the newest mandates, a pair is looked for. */
const newest = 20;

/** Each is the first row of an index by tenant and time; none counts anything. */
export async function readFirstSteps(db: Db, tenantId: string): Promise<FirstSteps> {
  const done = sql`
    select (select created_at from runs where tenant_id = ${tenantId}
             order by created_at, run_id limit 1) as run,
           (select created_at from api_keys where tenant_id = ${tenantId}
             order by created_at limit 1) as key,
           (select created_at from items where tenant_id = ${tenantId}
             order by created_at, item_id limit 1) as item,
           (select created_at from mandates where tenant_id = ${tenantId}
             order by created_at, mandate_id limit 1) as mandate,
           (select created_at from ledger_entries
             where tenant_id = ${tenantId} and account = 'MERCHANT_PAYABLE'
             order by created_at, txn_id, leg limit 1) as purchase,
           (select created_at from webhook_endpoints where tenant_id = ${tenantId}
             order by created_at, endpoint_id limit 1) as webhook,
           (select merchant_id from merchants where tenant_id = ${tenantId}
             order by created_at desc, merchant_id desc limit 1) as "merchantId"`;
  const pair = sql`
    select i.merchant_id as "merchantId", m.mandate_id as "mandateId", i.item_id as "itemId",
           m.agent_id as "agentId", i.price_minor as "priceMinor", i.currency
      from (select * from items where tenant_id = ${tenantId}
             order by created_at desc, item_id desc limit ${newest}) i
      join pools p on p.pool_id = i.pool_id and p.open
      join (select * from mandates where tenant_id = ${tenantId}
             order by created_at desc, mandate_id desc limit ${newest}) m
        on m.currency = i.currency and m.state = 'active'
       and m.cap_minor >= i.price_minor
       and coalesce(m.purchase_max_minor, i.price_minor) >= i.price_minor
       and coalesce(m.starts_at, now()) <= now() and (m.expires_at is null or m.expires_at > now())
       and (m.allowed_merchants is null or position(i.merchant_id::text in m.allowed_merchants) > 0)
       and (m.allowed_items is null or position(i.item_id::text in m.allowed_items) > 0)
     where exists (select from stock_buckets b where b.pool_id = i.pool_id and b.available > 0)
       and (select sum(b.remaining_minor) from mandate_buckets b where b.mandate_id = m.mandate_id) >= i.price_minor
     order by i.created_at desc, m.created_at desc, i.item_id, m.mandate_id
     limit 1`;
  return transact(
    db,
    "first_steps",
    async (tx) => {
      const [[first], [ready]] = await Promise.all([
        tx.rows<Omit<FirstSteps, "ready">>(done),
        tx.rows<ReadyToBuy>(pair),
      ]);
      return { ...nothingDone, ...first, ready };
    },
    { readOnly: true },
  );
}

const nothingDone = {
  run: null,
  key: null,
  item: null,
  mandate: null,
  purchase: null,
  webhook: null,
  merchantId: null,
} as const;
