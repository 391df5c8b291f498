-- Every price an item ever had, so that an old purchase can still be explained.
-- Written by: server/kernel
create table if not exists item_prices (
  item_id       uuid        not null,
  price_version bigint      not null check (price_version >= 1),
  tenant_id     uuid        not null,
  price_minor   bigint      not null check (price_minor between 0 and 9007199254740991),
  created_at    timestamptz not null default now(),
  constraint item_prices_pkey primary key (item_id, price_version)
);
