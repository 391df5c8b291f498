-- Where a tenant wants to be told what happened. `kinds` is `*` or the kinds of events with a space around
-- each. The secrets are sealed (AES-256-GCM); while the old one lives, both sign.
-- Written by: server/webhooks
create table if not exists webhook_endpoints (
  endpoint_id      uuid        not null,
  tenant_id        uuid        not null,
  url              text        not null check (length(url) between 1 and 2000),
  description      text        not null,
  kinds            text        not null,
  state            text        not null check (state in ('enabled', 'disabled')),
  disabled_reason  text        check (disabled_reason in ('by_hand', 'gone', 'failing')),
  failing_since    timestamptz,
  secret           text        not null,
  old_secret       text,
  old_secret_until timestamptz,
  created_at       timestamptz not null default now(),
  constraint webhook_endpoints_pkey primary key (endpoint_id),
  constraint webhook_endpoints_say_why check ((state = 'disabled') = (disabled_reason is not null))
);

-- step
create index /*async*/ if not exists webhook_endpoints_by_tenant
  on webhook_endpoints (tenant_id, created_at, endpoint_id);
