-- A tenant's items, newest first.
create index /*async*/ if not exists items_by_tenant on items (tenant_id, created_at, item_id);
