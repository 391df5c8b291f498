import { Columns } from "../db/rows.ts";
import { prepared } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import { agentKey, grantKey, type Agent } from "./books.ts";
import { keyOf } from "./decide.ts";
import type {
  ItemFact,
  MandateBucket,
  MandateFact,
  PoolFact,
  PurchaseLine,
  PurchaseState,
  StockBucket,
  StoredAnswer,
} from "./facts.ts";
import type { RecentGrant } from "./plan.ts";
import type { Ask } from "./types.ts";
import { mandateBucketOf, mandateOf, type MandateTuple, type RoomTuple } from "./load-mandates.ts";

/**
 * The statements of a load. Each is one index probe per id, whatever the planner believes: the lists
 * come as text columns (see db/rows.ts), and the kernel's connections scan by index only.
 */

type StockTuple = [available: bigint, open: boolean, priceVersion: bigint, version: bigint];

export const idColumn = new Columns<string>({ id: ["uuid", (id) => id] });

const keyColumns = new Columns<Ask>({
  key: ["text", ({ key }) => key],
  merchant_id: ["uuid", ({ merchantId }) => merchantId],
});

/** One probe of the unique key per ask; `limit 1` keeps the planner from joining it any other way. */
export async function recall(tx: Tx, asks: readonly Ask[]): Promise<Map<string, StoredAnswer>> {
  const found = await tx.tuples<[string, string, string, string, string, boolean, string]>(
    prepared("kernel_recall")`
      select a.merchant_id, a.key, a.ask_id, a.tenant_id, encode(a.fingerprint, 'hex'), a.granted, a.answer
        from ${keyColumns.of(asks)} as k
       cross join lateral (select merchant_id, key, ask_id, tenant_id, fingerprint, granted, answer
                             from asks
                            where asks.merchant_id = k.merchant_id and asks.key = k.key limit 1) a`,
  );
  return new Map(
    found.map(([merchantId, key, askId, tenantId, fingerprint, granted, text]) => [
      keyOf({ merchantId, key }),
      { askId, tenantId, fingerprint, granted, text },
    ]),
  );
}

/** Who the merchants belong to, and what time it is: the database's clock, the same for all. */
export async function merchantsAndTime(
  tx: Tx,
  ids: readonly string[],
): Promise<{ merchants: Map<string, string>; nowMs: number }> {
  const found = await tx.tuples<[string, string | null, bigint]>(
    prepared("kernel_merchants")`
      select k.merchant_id, m.tenant_id, floor(extract(epoch from now()) * 1000)::bigint
        from ${idColumn.of(ids)} as k(merchant_id)
        left join merchants m on m.merchant_id = k.merchant_id`,
  );
  const merchants = new Map<string, string>();
  for (const [id, tenantId] of found) if (tenantId !== null) merchants.set(id, tenantId);
  return { merchants, nowMs: Number(found[0]?.[2] ?? 0n) };
}

type PoolTuple = [string, string, string, number, boolean, PoolFact["gate"], number, ...StockTuple];

function poolOf(row: PoolTuple): PoolFact {
  const [poolId, tenantId, itemId, buckets, open, gate, bucket, ...stock] = row;
  return { poolId, tenantId, itemId, buckets, open, gate, loaded: [stockBucketOf(bucket, stock)] };
}

function stockBucketOf(bucket: number, row: StockTuple): StockBucket {
  const [available, open, priceVersion, version] = row;
  return { bucket, available, open, priceVersion, version };
}

export async function itemsWithPools(
  tx: Tx,
  ids: readonly string[],
  luck: number,
): Promise<{ items: Map<string, ItemFact>; pools: Map<string, PoolFact> }> {
  const items = new Map<string, ItemFact>();
  const poolsById = new Map<string, PoolFact>();
  if (ids.length === 0) return { items, pools: poolsById };
  const found = await tx.tuples<[string, string, string, bigint, bigint, ...PoolTuple]>(
    prepared("kernel_items")`
      select i.tenant_id, i.merchant_id, i.currency, i.price_minor, i.price_version,
             p.pool_id, p.tenant_id, p.item_id, p.buckets, p.open,
             case when p.gate_until > now() then p.gate end,
             b.bucket, b.available, b.open, b.price_version, b.version
        from ${idColumn.of(ids)} as k(item_id)
        join items i on i.item_id = k.item_id
        join pools p on p.pool_id = i.pool_id
        join stock_buckets b on b.pool_id = p.pool_id and b.bucket = floor(${luck}::float8 * p.buckets)::integer`,
  );
  for (const [tenantId, merchantId, currency, priceMinor, priceVersion, ...pool] of found) {
    const fact = poolOf(pool);
    const { poolId, itemId } = fact;
    items.set(itemId, { itemId, tenantId, merchantId, currency, priceMinor, priceVersion, poolId });
    poolsById.set(poolId, fact);
  }
  return { items, pools: poolsById };
}

export async function pools(
  tx: Tx,
  ids: readonly string[],
  luck: number,
): Promise<Map<string, PoolFact>> {
  if (ids.length === 0) return new Map();
  const found = await tx.tuples<PoolTuple>(
    prepared("kernel_pools")`
      select p.pool_id, p.tenant_id, p.item_id, p.buckets, p.open,
             case when p.gate_until > now() then p.gate end,
             b.bucket, b.available, b.open, b.price_version, b.version
        from ${idColumn.of(ids)} as k(pool_id)
        join pools p on p.pool_id = k.pool_id
        join stock_buckets b on b.pool_id = p.pool_id and b.bucket = floor(${luck}::float8 * p.buckets)::integer`,
  );
  return new Map(found.map((row) => [row[0], poolOf(row)]));
}

const shortPoolColumns = new Columns<PoolFact>({
  pool_id: ["uuid", ({ poolId }) => poolId],
  lucky: ["integer", ({ loaded }) => loaded[0]?.bucket ?? 0],
  buckets: ["integer", ({ buckets }) => buckets],
});

/** The buckets beside the lucky one that each of these pools has loaded already. */
export async function otherStockBuckets(
  tx: Tx,
  short: readonly PoolFact[],
): Promise<Map<string, StockBucket[]>> {
  if (short.length === 0) return new Map();
  const found = await tx.tuples<[string, number, ...StockTuple]>(
    prepared("kernel_other_stock")`
      select b.pool_id, b.bucket, b.available, b.open, b.price_version, b.version
        from ${shortPoolColumns.of(short)} as k
        join stock_buckets b on b.pool_id = k.pool_id and b.bucket <> k.lucky and b.bucket < k.buckets
       order by b.pool_id, (b.bucket - k.lucky + k.buckets) % k.buckets`,
  );
  return grouped(found, ([poolId, bucket, ...stock]) => [poolId, stockBucketOf(bucket, stock)]);
}

export async function mandates(
  tx: Tx,
  ids: readonly string[],
  luck: number,
): Promise<Map<string, MandateFact>> {
  if (ids.length === 0) return new Map();
  const found = await tx.tuples<MandateTuple>(
    prepared("kernel_mandates")`
      select m.mandate_id, m.tenant_id, m.state, m.currency, m.cap_minor, m.purchase_max_minor,
             m.allowed_merchants, m.allowed_items, m.agent_id, m.starts_at, m.expires_at,
             m.duplicate_window_seconds, m.rules_version, m.buckets,
             case when m.gate_until > now() then m.gate end,
             m.day_limit_minor, m.week_limit_minor, m.month_limit_minor,
             case when m.day_limit_minor is not null
                  then date_trunc('day', now() at time zone m.time_zone) at time zone m.time_zone end,
             case when m.day_limit_minor is not null
                  then (date_trunc('day', now() at time zone m.time_zone) + interval '1 day') at time zone m.time_zone end,
             case when m.week_limit_minor is not null
                  then date_trunc('week', now() at time zone m.time_zone) at time zone m.time_zone end,
             case when m.week_limit_minor is not null
                  then (date_trunc('week', now() at time zone m.time_zone) + interval '7 days') at time zone m.time_zone end,
             case when m.month_limit_minor is not null
                  then date_trunc('month', now() at time zone m.time_zone) at time zone m.time_zone end,
             case when m.month_limit_minor is not null
                  then (date_trunc('month', now() at time zone m.time_zone) + interval '1 month') at time zone m.time_zone end,
             b.bucket, b.remaining_minor, b.active, b.rules_version, b.version,
             b.day_start, b.day_left_minor, b.week_start, b.week_left_minor, b.month_start, b.month_left_minor
        from ${idColumn.of(ids)} as k(mandate_id)
        join mandates m on m.mandate_id = k.mandate_id
        join mandate_buckets b on b.mandate_id = m.mandate_id and b.bucket = floor(${luck}::float8 * m.buckets)::integer`,
  );
  return new Map(found.map((row) => [row[0], mandateOf(row)]));
}

const shortMandateColumns = new Columns<MandateFact>({
  mandate_id: ["uuid", ({ mandateId }) => mandateId],
  lucky: ["integer", ({ loaded }) => loaded[0]?.bucket ?? 0],
  buckets: ["integer", ({ buckets }) => buckets],
});

export async function otherMandateBuckets(
  tx: Tx,
  short: readonly MandateFact[],
): Promise<Map<string, MandateBucket[]>> {
  if (short.length === 0) return new Map();
  const found = await tx.tuples<[string, ...RoomTuple]>(
    prepared("kernel_other_money")`
      select b.mandate_id, b.bucket, b.remaining_minor, b.active, b.rules_version, b.version,
             b.day_start, b.day_left_minor, b.week_start, b.week_left_minor, b.month_start, b.month_left_minor
        from ${shortMandateColumns.of(short)} as k
        join mandate_buckets b
          on b.mandate_id = k.mandate_id and b.bucket <> k.lucky and b.bucket < k.buckets
       order by b.mandate_id, (b.bucket - k.lucky + k.buckets) % k.buckets`,
  );
  return grouped(found, ([mandateId, ...bucket]) => [mandateId, mandateBucketOf(bucket)]);
}

export async function purchases(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, readonly PurchaseLine[]>> {
  if (ids.length === 0) return new Map();
  const found = await tx.rows<
    PurchaseLine & { state: PurchaseState; expiresAt: Date | null; createdAt: Date }
  >(
    prepared("kernel_purchases")`
      select p.purchase_id as "purchaseId", p.line, p.tenant_id as "tenantId",
             p.merchant_id as "merchantId", p.mandate_id as "mandateId", p.agent_id as "agentId",
             p.item_id as "itemId", p.pool_id as "poolId", p.charge, p.quantity,
             p.unit_price_minor as "unitPriceMinor", p.price_version as "priceVersion",
             p.rules_version as "rulesVersion", p.amount_minor as "amountMinor", p.currency, p.state,
             p.settled_quantity as "settledQuantity", p.settled_minor as "settledMinor",
             p.returned_quantity as "returnedQuantity", p.refunded_minor as "refundedMinor",
             p.expires_at as "expiresAt", p.version, p.created_at as "createdAt"
        from ${idColumn.of(ids)} as k(purchase_id)
        join purchases p on p.purchase_id = k.purchase_id
       order by p.purchase_id, p.line`,
  );
  return grouped(found, ({ expiresAt, createdAt, ...line }) => [
    line.purchaseId,
    { ...line, expiresAtMs: expiresAt?.getTime() ?? null, createdAtMs: createdAt.getTime() },
  ]);
}

const agentColumns = new Columns<Agent>({
  tenant_id: ["uuid", ({ tenantId }) => tenantId],
  agent_id: ["text", ({ agentId }) => agentId],
});

/** One probe per agent, of a table that is mostly empty. */
export async function blockedAgents(tx: Tx, asks: readonly Agent[]): Promise<Set<string>> {
  const agents = [...new Map(asks.map((ask) => [agentKey(ask), ask])).values()];
  if (agents.length === 0) return new Set();
  const found = await tx.tuples<[tenantId: string, agentId: string]>(
    prepared("kernel_blocked_agents")`
      select b.tenant_id, b.agent_id
        from ${agentColumns.of(agents)} as k
       cross join lateral (select tenant_id, agent_id from blocked_agents
                            where blocked_agents.tenant_id = k.tenant_id
                              and blocked_agents.agent_id = k.agent_id limit 1) b`,
  );
  return new Set(found.map(([tenantId, agentId]) => agentKey({ tenantId, agentId })));
}

const grantColumns = new Columns<Omit<RecentGrant, "tenantId">>({
  mandate_id: ["uuid", ({ mandateId }) => mandateId],
  agent_id: ["text", ({ agentId }) => agentId],
  item_id: ["uuid", ({ itemId }) => itemId],
  amount_minor: ["bigint", ({ amountMinor }) => amountMinor],
});

export async function recentGrants(
  tx: Tx,
  grants: readonly Omit<RecentGrant, "tenantId">[],
): Promise<Map<string, number>> {
  if (grants.length === 0) return new Map();
  const found = await tx.tuples<[string, string, string, bigint, Date]>(
    prepared("kernel_recent_grants")`
      select g.mandate_id, g.agent_id, g.item_id, g.amount_minor, g.last_at
        from ${grantColumns.of(grants)} as k
        join recent_grants g on g.mandate_id = k.mandate_id and g.agent_id = k.agent_id
                            and g.item_id = k.item_id and g.amount_minor = k.amount_minor`,
  );
  return new Map(
    found.map(([mandateId, agentId, itemId, amountMinor, lastAt]) => [
      grantKey({ mandateId, agentId, itemId, amountMinor }),
      lastAt.getTime(),
    ]),
  );
}

function grouped<Row, Value>(
  rows: readonly Row[],
  pair: (row: Row) => [key: string, value: Value],
): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const row of rows) {
    const [key, value] = pair(row);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}
