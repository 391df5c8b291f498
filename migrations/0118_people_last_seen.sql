-- When somebody last came in. What was used since stands with the sessions, which are deleted when they are over.
alter table people add column if not exists last_seen_at timestamptz;
