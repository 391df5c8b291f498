-- Worlds that are being deleted: for as long as that takes their books are no books any more, and no proof
-- looks at them. Not by `tenant_id`, or a world's own end would delete the row that says so.
-- Written by: server/db
create table if not exists world_purges (
  world_id uuid        not null,
  begun_at timestamptz not null default now(),
  constraint world_purges_pkey primary key (world_id)
);
