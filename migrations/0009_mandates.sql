-- A principal's permission for an agent to spend up to a cap, and the rules of it.
-- `rules_version` is repeated on every mandate bucket: a sale must write the row that can outdate it.
-- `…_carried_minor` is what had been spent in the period that began at `…_carried_from` when the rules
-- last changed: room is dealt anew from the new limit less this, and purchases made under older rules
-- give no room back.
-- Written by: server/kernel
create table if not exists mandates (
  mandate_id               uuid        not null,
  tenant_id                uuid        not null,
  name                     text        not null check (length(name) between 1 and 200),
  state                    text        not null check (state in ('active', 'paused', 'revoked')),
  currency                 text        not null check (length(currency) = 3),
  cap_minor                bigint      not null check (cap_minor between 0 and 9007199254740991),
  purchase_max_minor       bigint      check (purchase_max_minor between 0 and 9007199254740991),
  day_limit_minor          bigint      check (day_limit_minor between 0 and 9007199254740991),
  week_limit_minor         bigint      check (week_limit_minor between 0 and 9007199254740991),
  month_limit_minor        bigint      check (month_limit_minor between 0 and 9007199254740991),
  time_zone                text        not null,
  allowed_merchants        text,
  allowed_items            text,
  agent_id                 text        check (length(agent_id) between 1 and 255),
  starts_at                timestamptz,
  expires_at               timestamptz,
  duplicate_window_seconds integer     check (duplicate_window_seconds between 1 and 2592000),
  rules_version            bigint      not null check (rules_version >= 1),
  buckets                  integer     not null check (buckets between 1 and 256),
  day_carried_from         timestamptz,
  day_carried_minor        bigint,
  week_carried_from        timestamptz,
  week_carried_minor       bigint,
  month_carried_from       timestamptz,
  month_carried_minor      bigint,
  gate                     text        check (gate in ('pause', 'revoke', 'rules', 'reshard', 'cap')),
  gate_until               timestamptz,
  created_at               timestamptz not null default now(),
  constraint mandates_pkey primary key (mandate_id),
  constraint mandates_gate_has_an_end check ((gate is null) = (gate_until is null))
);
