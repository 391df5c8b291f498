-- What somebody wants to have sent again, all of it since a moment: the row is the work, which is done some
-- deliveries at a time, from the oldest on. `seen_at` and `seen_id` are where it has come to.
-- Written by: server/webhooks
create table if not exists webhook_redeliveries (
  redelivery_id uuid        not null,
  endpoint_id   uuid        not null,
  tenant_id     uuid        not null,
  since         timestamptz not null,
  delivered     boolean     not null,
  state         text        not null check (state in ('running', 'done', 'stopped')),
  total         bigint      not null check (total >= 0),
  seen          bigint      not null check (seen >= 0),
  redelivered   bigint      not null check (redelivered between 0 and seen),
  seen_at       timestamptz not null,
  seen_id       uuid        not null,
  created_at    timestamptz not null default now(),
  ended_at      timestamptz,
  constraint webhook_redeliveries_pkey primary key (redelivery_id)
);

-- step
create index /*async*/ if not exists webhook_redeliveries_by_endpoint
  on webhook_redeliveries (endpoint_id, created_at, redelivery_id);

-- step
create index /*async*/ if not exists webhook_redeliveries_running
  on webhook_redeliveries (created_at) where state = 'running';
