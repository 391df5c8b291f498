-- What each row of a file became: written beside it, so that no row becomes two things. `buckets` is how many
-- rows of tables it weighs where a transaction changes few of them. `undo` says what
-- undoing the import did with it; null while nobody did.
-- Written by: server/imports
create table if not exists import_rows (
  import_id uuid    not null,
  row_no    integer not null check (row_no >= 2),
  tenant_id uuid    not null,
  object_id uuid    not null,
  buckets   integer not null,
  undo      text    check (undo in ('undone', 'kept')),
  constraint import_rows_pkey primary key (import_id, row_no)
);
