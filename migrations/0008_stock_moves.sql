-- Where stock came from and why: first stock, restock, adjustments. Never updated, never deleted.
-- What was ever stocked is the sum of these rows; the proof holds the buckets against it.
-- Written by: server/kernel
create table if not exists stock_moves (
  move_id    uuid        not null,
  tenant_id  uuid        not null,
  item_id    uuid        not null,
  pool_id    uuid        not null,
  quantity   bigint      not null check (quantity between -9007199254740991 and 9007199254740991),
  reason     text        not null check (length(reason) between 1 and 500),
  created_at timestamptz not null default now(),
  constraint stock_moves_pkey primary key (pool_id, move_id)
);
