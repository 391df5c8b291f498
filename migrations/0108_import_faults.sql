-- What is wrong with a row of a file, as its check or the import itself found it; `faults` and `cells` are JSON.
-- Written by: server/imports
create table if not exists import_faults (
  import_id uuid    not null,
  pass      text    not null check (pass in ('check', 'import')),
  row_no    integer not null check (row_no >= 2),
  tenant_id uuid    not null,
  line      integer not null,
  faults    text    not null,
  cells     text    not null,
  constraint import_faults_pkey primary key (import_id, pass, row_no)
);
