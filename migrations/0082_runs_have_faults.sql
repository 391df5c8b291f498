-- What is done to a run's own connections, as JSON; null in nearly all of them.
-- Written by: server/runs
alter table runs add column if not exists faults text;
