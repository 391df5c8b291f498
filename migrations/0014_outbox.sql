-- What is due to be told: `event_id` is the id of the ask that was granted, or of the expiry's ledger
-- transaction. The row is the debt; the queue only makes it sooner. Spread over shards so
-- that relays can share the work where SKIP LOCKED skips nothing.
-- Written by: server/kernel, server/outbox, worker/outbox
create table if not exists outbox (
  shard      integer     not null check (shard between 0 and 15),
  event_id   uuid        not null,
  tenant_id  uuid        not null,
  kind       text        not null,
  subject_id uuid        not null,
  due_at     timestamptz not null default now(),
  tries      integer     not null default 0,
  created_at timestamptz not null default now(),
  constraint outbox_pkey primary key (shard, event_id)
);
