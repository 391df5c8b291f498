import { ofTenant, queries, type Invariant } from "./invariant.ts";

const oneAnswerPerKey = `
  select 'answer' as clause, merchant_id, key, count(*) as answers
    from asks
   where ${ofTenant()}
   group by merchant_id, key
  having count(*) > 1`;

/** What each kind of ledger transaction consists of: legs, their accounts and their direction. */
const wellFormed = `
  case kind
    when 'commit' then legs = 2 and reserved_legs = 1 and payable_legs = 1 and payable >= 0
    when 'hold' then legs = 2 and reserved_legs = 1 and held_legs = 1 and held >= 0
    when 'capture' then held_legs = 1 and payable_legs = 1 and held <= 0 and payable >= 0
      and reserved >= 0 and reserved_legs = case when held + payable = 0 then 0 else 1 end
    when 'refund' then legs = 2 and payable_legs = 1 and reserved_legs = 1 and payable <= 0
    else legs = 2 and held_legs = 1 and reserved_legs = 1 and held <= 0
  end`;

const transactions = `
  select purchase_id, txn_id, min(kind) as kind, max(kind) as last_kind, count(*) as legs,
         sum(case account when 'MANDATE_RESERVED' then 1 else 0 end) as reserved_legs,
         sum(case account when 'MERCHANT_HELD' then 1 else 0 end) as held_legs,
         sum(case account when 'MERCHANT_PAYABLE' then 1 else 0 end) as payable_legs,
         sum(case account when 'MANDATE_RESERVED' then amount_minor else 0 end) as reserved,
         sum(case account when 'MERCHANT_HELD' then amount_minor else 0 end) as held,
         sum(case account when 'MERCHANT_PAYABLE' then amount_minor else 0 end) as payable
    from ledger_entries
   where ${ofTenant()}
   group by purchase_id, txn_id`;

const booked = `
  select purchase_id,
         sum(case kind when 'commit' then 1 else 0 end) as commits,
         sum(case kind when 'hold' then 1 else 0 end) as holds,
         sum(case kind when 'capture' then 1 else 0 end) as captures,
         sum(case kind when 'release' then 1 else 0 end) as releases,
         sum(case kind when 'expire' then 1 else 0 end) as expiries,
         sum(case when kind = last_kind and ${wellFormed} then 0 else 1 end) as malformed,
         sum(case when kind in ('commit', 'hold') then -reserved else 0 end) as opened,
         sum(case when kind = 'refund' then -payable else 0 end) as refunded,
         sum(reserved) as reserved, sum(held) as held, sum(payable) as payable
    from (${transactions}) transactions
   group by purchase_id`;

const bought = `
  select purchase_id, min(state) as state, sum(amount_minor) as amount,
         sum(settled_minor) as settled, sum(refunded_minor) as refunded,
         sum(case state when 'held' then amount_minor else 0 end) as held
    from purchases
   where ${ofTenant()}
   group by purchase_id`;

const stateAsBooked = `
  case p.state
    when 'held' then b.holds = 1 and b.captures + b.releases + b.expiries = 0
    when 'settled' then b.commits + b.captures = 1 and b.releases + b.expiries = 0
    when 'released' then b.releases = 1
    else b.expiries = 1
  end`;

const oneSettlement = `
  select clause, purchase_id, state, commits, holds, captures, releases, expiries,
         amount as expected_opened, opened as found_opened,
         expected_payable, payable as found_payable, expected_held, held as found_held
    from (select coalesce(p.purchase_id, b.purchase_id) as purchase_id, p.state, p.amount,
                 p.settled - p.refunded as expected_payable, p.held as expected_held,
                 b.commits, b.holds, b.captures, b.releases, b.expiries, b.opened,
                 b.payable, b.held,
                 case
                   when p.purchase_id is null then 'legs_without_purchase'
                   when b.purchase_id is null or b.commits + b.holds = 0 then 'not_booked'
                   when b.commits + b.holds > 1 or b.commits + b.captures > 1
                     or b.commits + b.captures + b.releases + b.expiries > 1 then 'settled_twice'
                   when not (${stateAsBooked}) then 'state'
                   when b.malformed > 0 then 'legs'
                   when b.opened <> p.amount or b.refunded <> p.refunded or b.held <> p.held
                     or b.payable <> p.settled - p.refunded
                     or b.reserved <> p.refunded - p.settled - p.held then 'amounts'
                 end as clause
            from (${bought}) p
            full join (${booked}) b on b.purchase_id = p.purchase_id) compared
   where clause is not null`;

export const settlements: Invariant = {
  name: "duplicate_settlements",
  says: "One answer per key, at most one settlement per purchase, and exactly its legs.",
  kind: "invariant",
  counterexamples: queries(oneAnswerPerKey, oneSettlement),
};
