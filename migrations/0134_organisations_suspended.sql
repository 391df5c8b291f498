-- An organisation that the instance operator has suspended: null while it is open. Whoever looks up a key
-- or a session reads it along, so it costs a sale nothing.
alter table organisations add column if not exists suspended_at timestamptz;

-- step
alter table organisations add column if not exists suspended_reason text;
