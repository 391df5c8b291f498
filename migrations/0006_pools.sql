-- A body of stock. An item has one; a drop will get its own.
-- `gate` is the flag of a two-commit command: no sale writes this row and every load reads it.
-- A flag that nobody finished (its process died) is worth nothing after `gate_until`.
-- Written by: server/kernel
create table if not exists pools (
  pool_id    uuid        not null,
  tenant_id  uuid        not null,
  item_id    uuid        not null,
  buckets    integer     not null check (buckets between 1 and 256),
  open       boolean     not null,
  gate       text        check (gate in ('close', 'price', 'reshard', 'adjust')),
  gate_until timestamptz,
  created_at timestamptz not null default now(),
  constraint pools_pkey primary key (pool_id),
  constraint pools_gate_has_an_end check ((gate is null) = (gate_until is null))
);
