-- What an endpoint is to be told: the row is the debt. An event is owed to an endpoint once. `attempts` are
-- all that were made, those from `counts_from` on count in the schedule of retries. `due_at` of a delivery
-- under way is when it is taken up again should the worker be gone.
-- Written by: server/webhooks
create table if not exists webhook_deliveries (
  endpoint_id  uuid        not null,
  event_id     uuid        not null,
  delivery_id  uuid        not null,
  tenant_id    uuid        not null,
  kind         text        not null,
  payload      text        not null,
  state        text        not null check (state in ('pending', 'delivered', 'failed', 'skipped')),
  attempts     integer     not null check (attempts >= 0),
  counts_from  integer     not null check (counts_from between 0 and attempts),
  due_at       timestamptz not null default now(),
  delivered_at timestamptz,
  created_at   timestamptz not null default now(),
  constraint webhook_deliveries_pkey primary key (endpoint_id, event_id),
  constraint webhook_deliveries_id unique (delivery_id)
);

-- step
create index /*async*/ if not exists webhook_deliveries_due
  on webhook_deliveries (endpoint_id, due_at) where state = 'pending';

-- step
create index /*async*/ if not exists webhook_deliveries_listed
  on webhook_deliveries (endpoint_id, created_at, delivery_id);

-- step
create index /*async*/ if not exists webhook_deliveries_by_time on webhook_deliveries (created_at);
