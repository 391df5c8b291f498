-- The bytes of an import's file, in pieces that one row can hold on any engine; `at` is the place of the first.
-- Written by: server/imports
create table if not exists import_parts (
  import_id uuid    not null,
  at        integer not null check (at >= 0),
  tenant_id uuid    not null,
  size      integer not null check (size between 1 and 524288),
  sha256    text    not null check (length(sha256) = 64),
  bytes     bytea   not null,
  constraint import_parts_pkey primary key (import_id, at)
);
