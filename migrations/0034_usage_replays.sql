-- How many repeats of an ask each process answered from the record. A repeat leaves no row of its own, so
-- processes count them in memory and write their totals some seconds late: one that is killed loses what
-- it had not written. A process writes only its own rows, and never less than before.
-- Written by: server/usage
create table if not exists usage_replays (
  tenant_id  uuid   not null,
  day        date   not null,
  process_id uuid   not null,
  replays    bigint not null check (replays >= 0),
  constraint usage_replays_pkey primary key (tenant_id, day, process_id)
);
