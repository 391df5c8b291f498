-- One row that whoever begins a run writes: of two servers at once one has lost the race.
-- Written by: server/runs
create table if not exists run_slots (
  slot   integer not null,
  run_id uuid    not null,
  constraint run_slots_pkey primary key (slot)
);
