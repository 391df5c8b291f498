-- The agents that asked to buy something of a tenant, as far as its asks are counted: one row a name. The
-- asks themselves stay the truth. `last_ask_id` makes a place in the list of two that asked at once.
-- Written by: server/agents
create table if not exists agents (
  tenant_id   uuid        not null,
  agent_id    text        not null,
  asks        bigint      not null check (asks >= 0),
  granted     bigint      not null check (granted between 0 and asks),
  first_at    timestamptz not null,
  last_at     timestamptz not null,
  last_ask_id uuid        not null,
  constraint agents_pkey primary key (tenant_id, agent_id)
);

-- step
create index /*async*/ if not exists agents_by_last on agents (tenant_id, last_at, last_ask_id);
