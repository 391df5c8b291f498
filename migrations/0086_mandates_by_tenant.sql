-- A tenant's mandates, newest first.
create index /*async*/ if not exists mandates_by_tenant on mandates (tenant_id, created_at, mandate_id);
