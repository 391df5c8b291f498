-- A thing for sale. The price is the merchant's: an ask must name exactly this amount.
-- `price_version` is repeated on every stock bucket: a sale must write the row that can outdate it.
-- Written by: server/kernel
create table if not exists items (
  item_id       uuid        not null,
  tenant_id     uuid        not null,
  merchant_id   uuid        not null,
  sku           text        not null check (length(sku) between 1 and 100),
  name          text        not null check (length(name) between 1 and 200),
  currency      text        not null check (length(currency) = 3),
  price_minor   bigint      not null check (price_minor between 0 and 9007199254740991),
  price_version bigint      not null check (price_version >= 1),
  pool_id       uuid        not null,
  created_at    timestamptz not null default now(),
  constraint items_pkey primary key (item_id),
  constraint items_sku_once_a_merchant unique (merchant_id, sku)
);
