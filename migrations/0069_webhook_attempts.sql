-- How each attempt at a delivery went: the receiver's status, or why there was none, and how its answer began.
-- Written by: server/webhooks
create table if not exists webhook_attempts (
  delivery_id uuid        not null,
  attempt     integer     not null check (attempt >= 1),
  tenant_id   uuid        not null,
  status      integer,
  fault       text,
  ms          integer     not null,
  answer      text        not null,
  created_at  timestamptz not null default now(),
  constraint webhook_attempts_pkey primary key (delivery_id, attempt),
  constraint webhook_attempts_status_or_fault check ((status is null) = (fault is not null))
);
