-- Who sells. A tenant has some.
-- Written by: server/merchants, server/proof, server/sandbox
create table if not exists merchants (
  merchant_id uuid        not null,
  tenant_id   uuid        not null,
  name        text        not null check (length(name) between 1 and 200),
  created_at  timestamptz not null default now(),
  constraint merchants_pkey primary key (merchant_id)
);
