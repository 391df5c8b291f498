-- Sandbox worlds whose time was over, and which world took the place of each: the notice to who asks for
-- an old one, and the row that two who would replace the same world at once both write.
-- Written by: server/sandbox
create table if not exists sandbox_resets (
  tenant_id      uuid        not null,
  next_tenant_id uuid        not null,
  created_at     timestamptz not null default now(),
  constraint sandbox_resets_pkey primary key (tenant_id)
);
