-- The same for what a world's audit log holds.
-- Expands: what was refused to all is allowed to one.

-- step (postgres)
create or replace trigger audit_entries_only_worlds_end after delete on audit_entries
  referencing old table as gone for each statement execute function only_worlds_end();

-- step (postgres)
create or replace trigger audit_entries_append_only before update or truncate on audit_entries
  for each statement execute function audit_is_append_only();
