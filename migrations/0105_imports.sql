-- Files of items or mandates, and how far each has come. `next_row` and `next_byte` say where the row begins that
-- is made next: they move in the transaction that makes rows, so a worker's death makes none twice.
-- Who checks a file takes the next `check_no`; what an earlier check still writes is refused by it.
-- `columns` names the file's column of each field, `fixed` the values of fields that have none: both JSON.
-- Written by: server/imports
create table if not exists imports (
  import_id       uuid        not null,
  tenant_id       uuid        not null,
  kind            text        not null check (kind in ('items', 'mandates')),
  file_name       text        not null check (length(file_name) between 1 and 200),
  state           text        not null check (state in ('uploading', 'checking', 'checked', 'rejected',
                                                        'importing', 'done', 'cancelled', 'undoing', 'undone')),
  problem         text,
  file_bytes      integer     check (file_bytes >= 1),
  bytes           integer     not null default 0 check (bytes >= 0),
  delimiter       text        check (length(delimiter) = 1),
  columns         text,
  fixed           text,
  sha256          text        check (length(sha256) = 64),
  check_no        integer     not null default 0,
  bytes_checked   integer     not null default 0,
  rows_checked    integer     not null default 0,
  rows_good       integer     not null default 0,
  rows_bad        integer     not null default 0,
  next_row        integer     not null default 0,
  next_line       integer     not null default 0,
  next_byte       integer     not null default 0,
  rows_made       integer     not null default 0,
  rows_refused    integer     not null default 0,
  rows_undone     integer     not null default 0,
  rows_kept       integer     not null default 0,
  rows_per_second integer,
  actor_kind      text        not null,
  actor_id        text        not null,
  file_gone       boolean     not null default false,
  created_at      timestamptz not null default now(),
  changed_at      timestamptz not null default now(),
  started_at      timestamptz,
  ended_at        timestamptz,
  undo_until      timestamptz,
  constraint imports_pkey primary key (import_id)
);

-- step
create index /*async*/ if not exists imports_by_tenant on imports (tenant_id, created_at, import_id);

-- step
create index /*async*/ if not exists imports_by_state on imports (state, changed_at);
