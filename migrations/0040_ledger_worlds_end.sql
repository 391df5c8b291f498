-- A world's legs may be purged with it, by the janitor alone; nobody deletes a real tenant's. The
-- guard against DELETE comes before the old one, which refused it to all, is narrowed.
-- Expands: what was refused to all is allowed to one.

-- step (postgres)
create or replace function only_worlds_end() returns trigger language plpgsql as $$
begin
  if current_user <> 'zerorace_janitor' then
    raise exception '% is append-only: DELETE is refused to %', tg_table_name, current_user
      using errcode = '23514', constraint = tg_table_name || '_append_only';
  end if;
  if exists (select 1 from gone g
              where not exists (select 1 from tenants t
                                 where t.tenant_id = g.tenant_id and t.mode in ('sandbox', 'run'))) then
    raise exception '% is append-only: only the rows of a sandbox or a run may be deleted', tg_table_name
      using errcode = '23514', constraint = tg_table_name || '_append_only';
  end if;
  return null;
end $$;

-- step (postgres)
create or replace trigger ledger_entries_only_worlds_end after delete on ledger_entries
  referencing old table as gone for each statement execute function only_worlds_end();

-- step (postgres)
create or replace trigger ledger_entries_append_only before update or truncate on ledger_entries
  for each statement execute function ledger_is_append_only();
