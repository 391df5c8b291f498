-- Which idempotency key made which thing: written in the transaction that makes it, so a call that is
-- sent again finds what it made. `route` is the path that was called, `fingerprint` what was asked.
-- Written by: server/http
create table if not exists create_keys (
  tenant_id   uuid        not null,
  route       text        not null,
  key         text        not null check (length(key) between 1 and 255),
  fingerprint text        not null check (length(fingerprint) = 64),
  object_id   uuid        not null,
  created_at  timestamptz not null default now(),
  constraint create_keys_pkey primary key (tenant_id, route, key)
);
