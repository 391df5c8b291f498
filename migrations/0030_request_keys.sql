-- Which idempotency key did what: written in the transaction that makes a thing or changes one, so a
-- call that is sent again finds what it did. `route` is the path that was called, `fingerprint` what was
-- asked, `object_id` the thing, and `request_id` tells the request that wrote the row from a repeat.
-- Written by: server/http
-- Contract: since 0030: servers of before write create_keys.
create table if not exists request_keys (
  tenant_id   uuid        not null,
  route       text        not null,
  key         text        not null check (length(key) between 1 and 255),
  fingerprint text        not null check (length(fingerprint) = 64),
  object_id   text        not null,
  request_id  uuid        not null,
  created_at  timestamptz not null default now(),
  constraint request_keys_pkey primary key (tenant_id, route, key)
);

-- step
insert into request_keys (tenant_id, route, key, fingerprint, object_id, request_id, created_at)
select tenant_id, route, key, fingerprint, object_id::text, object_id, created_at from create_keys
on conflict (tenant_id, route, key) do nothing;

-- step
drop table if exists create_keys;
