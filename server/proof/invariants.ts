import { audits } from "./audits.ts";
import { moneyOut, ofTenant, queries, unitsOut, type Invariant } from "./invariant.ts";
import { settlements } from "./settlements.ts";

const unitsConserved = `
  select 'units' as clause, item_id, sum(stocked) as stocked, sum(units_out) as units_out,
         sum(stocked) - sum(units_out) as expected, sum(available) as found
    from (select item_id, sum(quantity) as stocked, 0 as units_out, 0 as available
            from stock_moves where ${ofTenant()} group by item_id
          union all
          select item_id, 0, sum(${unitsOut}), 0
            from purchases where item_id is not null and ${ofTenant()} group by item_id
          union all
          select item_id, 0, 0, sum(available)
            from stock_buckets where ${ofTenant()} group by item_id) parts
   group by item_id
  having sum(stocked) - sum(units_out) <> sum(available)`;

const soldWithinStock = `
  select 'sold' as clause, item_id, sum(stocked) as stocked, sum(units_out) as units_out
    from (select item_id, sum(quantity) as stocked, 0 as units_out
            from stock_moves where ${ofTenant()} group by item_id
          union all
          select item_id, 0, sum(${unitsOut})
            from purchases where item_id is not null and ${ofTenant()} group by item_id) parts
   group by item_id
  having sum(units_out) > sum(stocked)`;

const availableNotNegative = `
  select 'available' as clause, item_id, pool_id, bucket, available
    from stock_buckets
   where ${ofTenant()} and available < 0`;

const zeroPerTransaction = `
  select 'transaction' as clause, txn_id, currency, sum(amount_minor) as off_by, count(*) as legs
    from ledger_entries
   where ${ofTenant()}
   group by txn_id, currency
  having sum(amount_minor) <> 0`;

const zeroPerCurrency = `
  select 'currency' as clause, tenant_id, currency, sum(amount_minor) as off_by, count(*) as legs
    from ledger_entries
   where ${ofTenant()}
   group by tenant_id, currency
  having sum(amount_minor) <> 0`;

const moneyConserved = `
  select 'money' as clause, mandate_id, sum(cap) as cap, sum(spent) as spent,
         sum(cap) - sum(spent) as expected, sum(remaining) as found
    from (select mandate_id, cap_minor::numeric(38) as cap, 0 as spent, 0 as remaining
            from mandates where ${ofTenant()}
          union all
          select mandate_id, 0, sum(${moneyOut}), 0
            from purchases where ${ofTenant()} group by mandate_id
          union all
          select mandate_id, 0, 0, sum(remaining_minor)
            from mandate_buckets where ${ofTenant()} group by mandate_id) parts
   group by mandate_id
  having sum(cap) - sum(spent) <> sum(remaining)`;

const slicesNotNegative = `
  select 'remaining' as clause, mandate_id, bucket, remaining_minor,
         day_left_minor, week_left_minor, month_left_minor
    from mandate_buckets
   where ${ofTenant()}
     and (remaining_minor < 0 or day_left_minor < 0
       or week_left_minor < 0 or month_left_minor < 0)`;

/**
 * A period is the current one or, when a clock once ran ahead, the newest that a bucket has seen.
 * Buckets of an older period count as full: that is what the next writer will make of them.
 */
const roomConserved = (period: "day" | "week" | "month"): string => `
  with dealt as (
    select m.mandate_id, m.${period}_limit_minor as limit_minor, m.buckets, m.rules_version,
           m.${period}_carried_from as carried_from, m.${period}_carried_minor as carried_minor,
           greatest(b.newest_start, date_trunc('${period}', now() at time zone m.time_zone)
             at time zone m.time_zone) as period_start
      from mandates m
      left join (select mandate_id, max(${period}_start) as newest_start
                   from mandate_buckets where ${ofTenant()} group by mandate_id) b
        on b.mandate_id = m.mandate_id
     where m.${period}_limit_minor is not null and ${ofTenant("m")})
  select '${period}' as clause, mandate_id, max(period_start) as period_start,
         sum(limit_left) as limit_left, sum(spent) as spent,
         sum(limit_left) - sum(spent) as expected, sum(room) as found
    from (select mandate_id, period_start, 0 as spent, 0 as room, greatest(0, limit_minor -
                 case when carried_from = period_start then coalesce(carried_minor, 0) else 0 end
                 ) as limit_left
            from dealt
          union all
          select d.mandate_id, null, sum(${moneyOut}), 0, 0
            from purchases p
            join dealt d on d.mandate_id = p.mandate_id and d.rules_version = p.rules_version
           where p.created_at >= d.period_start and p.state in ('held', 'settled')
             and ${ofTenant("p")}
           group by d.mandate_id
          union all
          select d.mandate_id, null, 0, sum(
                 case when b.${period}_start = d.period_start
                           and b.${period}_left_minor is not null then b.${period}_left_minor
                      when b.bucket >= d.buckets then 0
                      else d.limit_minor / d.buckets
                           + case when b.bucket < d.limit_minor % d.buckets then 1 else 0 end
                 end), 0
            from mandate_buckets b
            join dealt d on d.mandate_id = b.mandate_id
           where ${ofTenant("b")}
           group by d.mandate_id) parts
   group by mandate_id
  having sum(limit_left) - sum(spent) <> sum(room)`;

/** The four numbers of the house: each is zero, whatever happened. */
const four: readonly Invariant[] = [
  {
    name: "oversells",
    says: "Per item, stocked less sold and held is what the buckets hold, and that is not below 0.",
    kind: "invariant",
    counterexamples: queries(unitsConserved, soldWithinStock, availableNotNegative),
  },
  settlements,
  {
    name: "ledger_drift",
    says: "The legs sum to zero per ledger transaction and per currency.",
    kind: "invariant",
    counterexamples: queries(zeroPerTransaction, zeroPerCurrency),
  },
  {
    name: "mandate_breaches",
    says: "Per mandate and period, the cap less what is spent and held is what the buckets hold.",
    kind: "invariant",
    counterexamples: queries(
      moneyConserved,
      slicesNotNegative,
      roomConserved("day"),
      roomConserved("week"),
      roomConserved("month"),
    ),
  },
];

/** Tests, the command, the worker's round and the console all run this same list. */
export const invariants: readonly Invariant[] = [...four, ...audits];
