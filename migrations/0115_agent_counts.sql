-- What an agent's asks came to, by what and name: the `reason` of its declines, the `mandate` and the caller
-- (`by`) that it asked with, and what it `spent` in a currency: paid, less what was given back.
-- Written by: server/agents
create table if not exists agent_counts (
  tenant_id    uuid   not null,
  agent_id     text   not null,
  what         text   not null check (what in ('reason', 'mandate', 'by', 'spent')),
  name         text   not null,
  asks         bigint not null,
  amount_minor bigint not null,
  constraint agent_counts_pkey primary key (tenant_id, agent_id, what, name)
);
