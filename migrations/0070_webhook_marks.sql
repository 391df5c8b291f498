-- Up to when a tenant's ledger was looked through for what its endpoints are owed.
-- Written by: server/webhooks
create table if not exists webhook_marks (
  tenant_id uuid        not null,
  heard_to  timestamptz not null,
  constraint webhook_marks_pkey primary key (tenant_id)
);
