-- Units left to claim, split so that buyers of one item rarely meet on one row.
-- `open` and `price_version` stand here because a sale must write the row that can forbid it.
-- `version` counts the asks and commands that wrote the row; it never goes back.
-- Written by: server/kernel
create table if not exists stock_buckets (
  pool_id       uuid    not null,
  bucket        integer not null check (bucket between 0 and 255),
  tenant_id     uuid    not null,
  item_id       uuid    not null,
  available     bigint  not null check (available >= 0),
  open          boolean not null,
  price_version bigint  not null,
  version       bigint  not null check (version >= 0),
  constraint stock_buckets_pkey primary key (pool_id, bucket)
);
