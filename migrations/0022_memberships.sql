-- What a person may do in which organisation. For now a person belongs to one.
-- Written by: server/auth
create table if not exists memberships (
  organisation_id uuid        not null,
  person_id       uuid        not null,
  role            text        not null check (role in ('owner', 'operator', 'finance', 'viewer')),
  created_at      timestamptz not null default now(),
  constraint memberships_pkey primary key (organisation_id, person_id),
  constraint memberships_one_each unique (person_id)
);
