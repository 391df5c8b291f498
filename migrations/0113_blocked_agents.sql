-- Agents that buy no more in a tenant, whoever's mandate and key they come with. An agent is a name that
-- buyers give themselves: it has no row that a sale writes. So a block is acknowledged when every bucket
-- that such a sale could write has moved on since (server/kernel/agent-commands.ts).
-- Written by: server/kernel
create table if not exists blocked_agents (
  tenant_id  uuid        not null,
  agent_id   text        not null check (length(agent_id) between 1 and 255),
  reason     text,
  blocked_by text        not null,
  blocked_at timestamptz not null default now(),
  constraint blocked_agents_pkey primary key (tenant_id, agent_id)
);
