-- A tenant's asks, newest first: declines too, which exist nowhere else. Lists go on after
-- (created_at, ask_id).
create index /*async*/ if not exists asks_by_tenant on asks (tenant_id, created_at, ask_id);
