-- Up to which ask a tenant's declines of long ago are forgotten: what is behind it need not be looked at again.
-- Written by: server/kernel
create table if not exists decline_marks (
  tenant_id uuid        not null,
  swept_to  timestamptz not null,
  swept_id  uuid        not null,
  constraint decline_marks_pkey primary key (tenant_id)
);
