-- How many asks of each kind a tenant had answered on each UTC day, counted from `asks`: those that were
-- made before the tenant's `usage_marks.counted_to`, each once. The asks themselves stay the truth.
-- Written by: server/usage
create table if not exists usage_days (
  tenant_id uuid    not null,
  day       date    not null,
  kind      text    not null,
  granted   boolean not null,
  asks      bigint  not null check (asks >= 0),
  constraint usage_days_pkey primary key (tenant_id, day, kind, granted)
);
