import { ofTenant, queries, type Invariant } from "./invariant.ts";

/** What would be a foreign key where those do not make hot rows of parents. */
export interface Link {
  readonly child: string;
  readonly id: string;
  readonly column: string;
  readonly parent: string;
  readonly key: string;
  readonly where?: string;
}

function link(place: string, parent: string, id: string, where?: string): Link {
  const [child = "", column = ""] = place.split(".");
  const [table = "", key = column] = parent.split(".");
  return { child, id, column, parent: table, key, ...(where === undefined ? {} : { where }) };
}

export const links: readonly Link[] = [
  link("merchants.tenant_id", "tenants", "merchant_id"),
  link("items.merchant_id", "merchants", "item_id"),
  link("items.pool_id", "pools", "item_id"),
  link("item_prices.item_id", "items", "item_id"),
  link("pools.item_id", "items", "pool_id"),
  link("stock_buckets.pool_id", "pools", "pool_id"),
  link("stock_buckets.item_id", "items", "pool_id"),
  link("stock_moves.pool_id", "pools", "move_id"),
  link("stock_moves.item_id", "items", "move_id"),
  link("mandates.tenant_id", "tenants", "mandate_id"),
  link("mandate_buckets.mandate_id", "mandates", "mandate_id"),
  link("asks.merchant_id", "merchants", "ask_id"),
  link("asks.purchase_id", "purchases", "ask_id", "child.granted"),
  link("purchases.merchant_id", "merchants", "purchase_id"),
  link("purchases.item_id", "items", "purchase_id"),
  link("purchases.pool_id", "pools", "purchase_id"),
  link("purchases.mandate_id", "mandates", "purchase_id"),
  link("ledger_entries.purchase_id", "purchases", "txn_id"),
  link("outbox.subject_id", "purchases.purchase_id", "event_id", "child.kind like 'purchase.%'"),
  link("outbox.subject_id", "items.item_id", "event_id", "child.kind like 'item.%'"),
  link("outbox.subject_id", "mandates.mandate_id", "event_id", "child.kind like 'mandate.%'"),
  link("recent_grants.mandate_id", "mandates", "mandate_id"),
  link("recent_grants.item_id", "items", "mandate_id"),
];

/** A purchase is a row per line; line 0 stands for it. */
const orphans = ({ child, id, column, parent, key, where = "true" }: Link): string => `
  select '${child}.${column}' as clause, child.${id} as row_id, child.tenant_id,
         child.${column} as points_to, parent.tenant_id as tenant_there
    from ${child} child
    left join ${parent} parent
      on parent.${key} = child.${column}${parent === "purchases" ? " and parent.line = 0" : ""}
   where ${ofTenant("child")} and ${where} and child.${column} is not null
     and (parent.${key} is null or parent.tenant_id <> child.tenant_id)`;

const organisationMissing = `
  select 'tenants.organisation_id' as clause, t.tenant_id, t.organisation_id as points_to
    from tenants t
    left join organisations o on o.organisation_id = t.organisation_id
   where ${ofTenant("t")} and t.organisation_id is not null and o.organisation_id is null`;

const poolOfAnotherItem = (child: string, id: string): string => `
  select '${child}.item_of_pool' as clause, child.${id} as row_id, child.item_id,
         child.pool_id, p.item_id as item_of_pool
    from ${child} child
    join pools p on p.pool_id = child.pool_id
   where ${ofTenant("child")} and p.item_id <> child.item_id`;

const merchantOfAnotherItem = `
  select 'purchases.merchant_of_item' as clause, p.purchase_id, p.line, p.merchant_id,
         i.merchant_id as merchant_of_item
    from purchases p
    join items i on i.item_id = p.item_id
   where ${ofTenant("p")} and p.merchant_id <> i.merchant_id`;

export const parents: Invariant = {
  name: "parents",
  says: "No row points to nothing, or across tenants.",
  kind: "audit",
  counterexamples: queries(
    organisationMissing,
    ...links.map(orphans),
    poolOfAnotherItem("items", "item_id"),
    poolOfAnotherItem("stock_buckets", "bucket"),
    poolOfAnotherItem("stock_moves", "move_id"),
    poolOfAnotherItem("purchases", "purchase_id"),
    merchantOfAnotherItem,
  ),
};
