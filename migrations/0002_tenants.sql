-- The isolation boundary: every other row carries a tenant's id and no more.
-- A world is a tenant without an organisation, made for a sandbox or a run.
-- Written by: server/tenants, server/proof, server/sandbox
create table if not exists tenants (
  tenant_id       uuid        not null,
  organisation_id uuid,
  mode            text        not null check (mode in ('live', 'test', 'sandbox', 'run')),
  name            text        not null check (length(name) between 1 and 200),
  created_at      timestamptz not null default now(),
  constraint tenants_pkey primary key (tenant_id),
  constraint tenants_one_per_mode unique (organisation_id, mode),
  constraint tenants_worlds_have_no_people check ((organisation_id is null) = (mode in ('sandbox', 'run')))
);
