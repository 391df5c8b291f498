-- The duplicate window: when an agent last bought this for this much on this mandate. Keys do not
-- stop an agent that re-plans and mints a new one; this row does.
-- Written by: server/kernel
create table if not exists recent_grants (
  mandate_id   uuid        not null,
  agent_id     text        not null,
  item_id      uuid        not null,
  amount_minor bigint      not null,
  tenant_id    uuid        not null,
  last_at      timestamptz not null,
  constraint recent_grants_pkey primary key (mandate_id, agent_id, item_id, amount_minor)
);
