import { ofTenant, queries, type Invariant } from "./invariant.ts";
import { parents } from "./parents.ts";

const linesAgree = `
  select 'lines' as clause, p.purchase_id, p.line, p.state, first.state as first_state,
         p.merchant_id, first.merchant_id as first_merchant_id,
         p.mandate_id, first.mandate_id as first_mandate_id
    from purchases p
    join purchases first on first.purchase_id = p.purchase_id and first.line = 0
   where p.line > 0 and ${ofTenant("p")}
     and (p.tenant_id <> first.tenant_id or p.merchant_id <> first.merchant_id
       or p.mandate_id <> first.mandate_id or p.agent_id <> first.agent_id
       or p.currency <> first.currency or p.state <> first.state
       or p.rules_version <> first.rules_version or p.created_at <> first.created_at
       or p.expires_at is distinct from first.expires_at)`;

const firstLineExists = `
  select 'first_line' as clause, purchase_id, min(line) as first_line, count(*) as lines
    from purchases
   where ${ofTenant()}
   group by purchase_id
  having min(line) <> 0`;

/**
 * As numeric: a product of two big numbers must be a counterexample, not an error of the query. Its
 * digits are named because on Aurora DSQL a bare numeric has 18 of them.
 */
const linesAddUp = `
  select case when item_id is not null and amount_minor <> quantity::numeric(38) * unit_price_minor
                then 'price_times_quantity'
              when state <> 'settled' then 'settled_without_settlement'
              else 'settled_amount' end as clause,
         purchase_id, line, state, quantity, unit_price_minor, amount_minor,
         settled_quantity, settled_minor, returned_quantity, refunded_minor
    from purchases
   where ${ofTenant()}
     and ((item_id is not null and amount_minor <> quantity::numeric(38) * unit_price_minor)
       or (state <> 'settled' and (settled_quantity <> 0 or settled_minor <> 0
            or returned_quantity <> 0 or refunded_minor <> 0))
       or (state = 'settled' and settled_minor <> case when item_id is null then amount_minor
            else settled_quantity::numeric(38) * unit_price_minor end))`;

const refundsCovered = `
  select 'refund' as clause, purchase_id, sum(settled_minor) as settled,
         sum(refunded_minor) as refunded, min(refunded_minor) as least_refunded
    from purchases
   where ${ofTenant()}
   group by purchase_id
  having sum(refunded_minor) > greatest(0, sum(settled_minor)) or min(refunded_minor) < 0`;

const soldAtItsPrice = `
  select 'price' as clause, p.purchase_id, p.line, p.item_id, p.price_version,
         r.price_minor as expected, p.unit_price_minor as found
    from purchases p
    left join item_prices r on r.item_id = p.item_id and r.price_version = p.price_version
                           and r.tenant_id = p.tenant_id
   where p.item_id is not null and ${ofTenant("p")}
     and (r.price_minor is null or r.price_minor <> p.unit_price_minor)`;

const priceRecorded = `
  select 'current_price' as clause, i.item_id, i.price_version,
         i.price_minor as expected, r.price_minor as found
    from items i
    left join item_prices r on r.item_id = i.item_id and r.price_version = i.price_version
                           and r.tenant_id = i.tenant_id
   where ${ofTenant("i")} and (r.price_minor is null or r.price_minor <> i.price_minor)`;

const purchaseCurrency = `
  select 'currency' as clause, p.purchase_id, p.line, p.currency,
         m.currency as mandate_currency, i.currency as item_currency
    from purchases p
    left join mandates m on m.mandate_id = p.mandate_id
    left join items i on i.item_id = p.item_id
   where ${ofTenant("p")} and (p.currency <> m.currency or p.currency <> i.currency)`;

const stockBucketsExist = `
  select 'pool' as clause, p.pool_id, p.buckets as expected, count(b.bucket) as found
    from pools p
    left join stock_buckets b
      on b.pool_id = p.pool_id and b.tenant_id = p.tenant_id and b.bucket < p.buckets
   where ${ofTenant("p")}
   group by p.pool_id, p.buckets
  having count(b.bucket) <> p.buckets`;

const mandateBucketsExist = `
  select 'mandate' as clause, m.mandate_id, m.buckets as expected, count(b.bucket) as found
    from mandates m
    left join mandate_buckets b
      on b.mandate_id = m.mandate_id and b.tenant_id = m.tenant_id and b.bucket < m.buckets
   where ${ofTenant("m")}
   group by m.mandate_id, m.buckets
  having count(b.bucket) <> m.buckets`;

/** Asks reach only the buckets that a pool or mandate counts: what lies beyond is lost to them. */
const nothingStranded = `
  select 'stranded_units' as clause, b.pool_id as subject_id, b.bucket, p.buckets,
         b.available as stranded
    from stock_buckets b
    join pools p on p.pool_id = b.pool_id
   where ${ofTenant("b")} and b.bucket >= p.buckets and b.available <> 0
  union all
  select 'stranded_money', b.mandate_id, b.bucket, m.buckets, b.remaining_minor
    from mandate_buckets b
    join mandates m on m.mandate_id = b.mandate_id
   where ${ofTenant("b")} and b.bucket >= m.buckets and b.remaining_minor <> 0`;

/** A gate that is still on excuses a difference; one that nobody finished does not. */
const noGate = (row: string): string => `(${row}.gate is null or ${row}.gate_until <= now())`;

const poolGates = `
  select case when b.open <> p.open then 'open' else 'price_version' end as clause,
         b.pool_id, b.bucket, p.open as expected_open, b.open as found_open,
         i.price_version as expected_price_version, b.price_version as found_price_version
    from stock_buckets b
    join pools p on p.pool_id = b.pool_id
    join items i on i.item_id = p.item_id
   where ${ofTenant("b")} and ${noGate("p")}
     and (b.open <> p.open or b.price_version <> i.price_version)`;

const mandateGates = `
  select case when b.active <> (m.state = 'active') then 'active'
              else 'rules_version' end as clause,
         b.mandate_id, b.bucket, m.state as expected_state, b.active as found_active,
         m.rules_version as expected_rules_version, b.rules_version as found_rules_version
    from mandate_buckets b
    join mandates m on m.mandate_id = b.mandate_id
   where ${ofTenant("b")} and ${noGate("m")}
     and (b.active <> (m.state = 'active') or b.rules_version <> m.rules_version)`;

const grantsBooked = `
  select 'grant_not_booked' as clause, a.ask_id, a.kind, a.purchase_id
    from asks a
   where a.granted and a.kind <> 'extend' and ${ofTenant("a")}
     and not exists (select 1 from ledger_entries e
                      where e.purchase_id = a.purchase_id and e.txn_id = a.ask_id)`;

const bookedByGrants = `
  select case when a.ask_id is null then 'booked_without_ask'
              when not a.granted then 'booked_for_a_decline'
              else 'booked_for_another' end as clause,
         e.purchase_id, e.txn_id, e.leg, e.kind, a.kind as ask_kind,
         a.purchase_id as ask_purchase_id, a.granted
    from ledger_entries e
    left join asks a on a.ask_id = e.txn_id
   where ${ofTenant("e")}
     and case when e.kind = 'expire' then a.ask_id is not null
              else a.ask_id is null or not a.granted or a.kind <> e.kind
                or a.purchase_id <> e.purchase_id or a.tenant_id <> e.tenant_id end`;

const legsBelong = `
  select case when e.currency <> p.currency then 'leg_currency' else 'leg_owner' end as clause,
         e.purchase_id, e.txn_id, e.leg, e.account, e.owner_id, e.currency,
         p.mandate_id, p.merchant_id, p.currency as expected_currency
    from ledger_entries e
    join purchases p on p.purchase_id = e.purchase_id and p.line = 0
   where ${ofTenant("e")}
     and (e.currency <> p.currency or e.owner_id <>
          case e.account when 'MANDATE_RESERVED' then p.mandate_id else p.merchant_id end)`;

const purchasesAsked = `
  select 'purchase_not_asked' as clause, p.purchase_id, p.merchant_id, a.kind, a.granted,
         a.purchase_id as ask_purchase_id, a.merchant_id as ask_merchant_id
    from purchases p
    left join asks a on a.ask_id = p.purchase_id
   where p.line = 0 and ${ofTenant("p")}
     and (a.ask_id is null or not a.granted or a.kind not in ('commit', 'hold')
       or a.purchase_id <> a.ask_id or a.merchant_id <> p.merchant_id
       or a.tenant_id <> p.tenant_id)`;

/** The relay deletes what it has told: only what still waits can be held against its cause. */
const eventsCaused = `
  select 'event_without_cause' as clause, o.event_id, o.kind, o.subject_id, a.granted
    from outbox o
    left join asks a on a.ask_id = o.event_id
    left join (select txn_id, purchase_id from ledger_entries
                where kind = 'expire' and ${ofTenant()} group by txn_id, purchase_id) e
      on e.txn_id = o.event_id
   where ${ofTenant("o")} and o.kind like 'purchase.%'
     and (a.ask_id is null or not a.granted or a.purchase_id <> o.subject_id)
     and (e.txn_id is null or e.purchase_id <> o.subject_id)`;

const audit = (name: string, says: string, ...texts: readonly string[]): Invariant => ({
  name,
  says,
  kind: "audit",
  counterexamples: queries(...texts),
});

export const audits: readonly Invariant[] = [
  parents,
  audit("purchase_lines", "The lines of a purchase agree.", linesAgree, firstLineExists),
  audit(
    "purchase_amounts",
    "Lines add up, and no more is refunded than was settled.",
    linesAddUp,
    refundsCovered,
  ),
  audit(
    "prices",
    "Every sale was made at a price of the item's history, in its currency.",
    soldAtItsPrice,
    priceRecorded,
    purchaseCurrency,
  ),
  audit(
    "buckets",
    "Every pool and mandate has all of its buckets, and nothing lies beyond them.",
    stockBucketsExist,
    mandateBucketsExist,
    nothingStranded,
  ),
  audit(
    "gates",
    "What can forbid a sale stands on every bucket, or a gate is on.",
    poolGates,
    mandateGates,
  ),
  audit(
    "grants",
    "Every granted ask is booked, and every booking was granted or is an expiry.",
    grantsBooked,
    bookedByGrants,
    purchasesAsked,
  ),
  audit("leg_owners", "Legs name their purchase's mandate, merchant and currency.", legsBelong),
  audit(
    "events",
    "Every waiting event of a purchase names a granted ask or an expiry.",
    eventsCaused,
  ),
];
