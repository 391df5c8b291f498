-- How far a tenant's asks are counted in `usage_days`. Whoever counts on moves the mark, so of two at once
-- one loses the race and begins where the other ended.
-- Written by: server/usage
create table if not exists usage_marks (
  tenant_id  uuid        not null,
  counted_to timestamptz not null,
  constraint usage_marks_pkey primary key (tenant_id)
);
