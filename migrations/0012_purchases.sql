-- What a commit or a hold leaves behind: a row per line, charges (shipping, tax, discount) as lines
-- without an item. One state row per line, updated under a guard on `version`: by inserts alone
-- capture and release would both succeed.
-- Written by: server/kernel
create table if not exists purchases (
  purchase_id       uuid        not null,
  line              integer     not null check (line between 0 and 99),
  tenant_id         uuid        not null,
  merchant_id       uuid        not null,
  mandate_id        uuid        not null,
  agent_id          text        not null,
  item_id           uuid,
  pool_id           uuid,
  charge            text,
  quantity          bigint      not null check (quantity >= 0),
  unit_price_minor  bigint      not null,
  price_version     bigint      not null,
  rules_version     bigint      not null,
  amount_minor      bigint      not null,
  currency          text        not null,
  state             text        not null check (state in ('held', 'settled', 'released', 'expired')),
  settled_quantity  bigint      not null check (settled_quantity between 0 and quantity),
  settled_minor     bigint      not null,
  returned_quantity bigint      not null check (returned_quantity between 0 and settled_quantity),
  refunded_minor    bigint      not null,
  expires_at        timestamptz,
  version           bigint      not null,
  created_at        timestamptz not null default now(),
  constraint purchases_pkey primary key (purchase_id, line),
  constraint purchases_item_or_charge check ((item_id is null) = (charge is not null)),
  constraint purchases_held_until check (state <> 'held' or expires_at is not null)
);

-- step
-- Holds of an item, soonest to expire first: a claim that cannot be filled looks for expired ones.
create index /*async*/ if not exists purchases_held_by_pool
  on purchases (pool_id, expires_at) where state = 'held';

-- step
create index /*async*/ if not exists purchases_held_by_mandate
  on purchases (mandate_id, expires_at) where state = 'held';

-- step
-- What a mandate bought, and what of it counts under a limit that is set in mid-period.
create index /*async*/ if not exists purchases_by_mandate on purchases (mandate_id, created_at);
