-- People and their roles stand behind an organisation; each has two tenants, live and test.
-- Written by: server/tenants
create table if not exists organisations (
  organisation_id uuid        not null,
  name            text        not null check (length(name) between 1 and 200),
  created_at      timestamptz not null default now(),
  constraint organisations_pkey primary key (organisation_id)
);
