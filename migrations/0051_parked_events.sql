-- Events that could not be told however often it was tried, and why: kept until somebody has them told
-- again with `zerorace parked replay`. Their legs are not in `account_totals` as long as they stand here.
-- Written by: server/outbox, worker/outbox
create table if not exists parked_events (
  event_id   uuid        not null,
  tenant_id  uuid        not null,
  kind       text        not null,
  subject_id uuid        not null,
  tries      integer     not null,
  reason     text        not null,
  created_at timestamptz not null,
  parked_at  timestamptz not null default now(),
  constraint parked_events_pkey primary key (event_id)
);

-- step (postgres)
-- What is told is deleted, so the table is mostly dead rows: whoever looks for the oldest would walk
-- over all that were told since the last vacuum. It comes by count here, not by a share of the table.
alter table outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
                        autovacuum_vacuum_cost_delay = 0);
