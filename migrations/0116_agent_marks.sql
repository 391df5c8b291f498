-- How far a tenant's asks are counted for its agents: all up to this one.
-- Written by: server/agents
create table if not exists agent_marks (
  tenant_id  uuid        not null,
  counted_to timestamptz not null,
  counted_id uuid        not null,
  constraint agent_marks_pkey primary key (tenant_id)
);
