-- When each round of the workers had its last turn, and how that went: for whoever looks after the server.
-- Nothing is decided by it. `done_at` is the last turn that went well, `reason` why the last one did not.
-- Written by: worker/rounds
create table if not exists round_turns (
  name     text        not null check (length(name) between 1 and 100),
  every_ms integer     not null check (every_ms > 0),
  ended_at timestamptz not null,
  done_at  timestamptz,
  ms       integer     not null check (ms >= 0),
  did      bigint      not null check (did >= 0),
  reason   text,
  constraint round_turns_pkey primary key (name)
);
