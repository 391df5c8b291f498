-- The last requests of each tenant, for who looks for what went wrong: a sample while there are many, and
-- never what was in them. Written some at a time behind the answers; a process that is killed loses those
-- of its last second. `stands_for` is how many requests a row stands for.
-- Written by: server/requests
create table if not exists request_log (
  tenant_id       uuid        not null,
  created_at      timestamptz not null,
  request_id      uuid        not null,
  method          text        not null,
  route           text        not null,
  status          integer,
  code            text,
  ms              integer     not null,
  caller          text        not null,
  idempotency_key text,
  replayed        boolean,
  stands_for      integer     not null check (stands_for >= 1),
  constraint request_log_pkey primary key (tenant_id, created_at, request_id)
);
