-- Swarms that somebody asked for: what with, how far they are and what came of it. A run that is queued
-- is found here by whichever server is free; the one that does it says so every second in `seen_at`.
-- Written by: server/runs
create table if not exists runs (
  run_id            uuid        not null,
  tenant_id         uuid        not null,
  state             text        not null
    check (state in ('queued', 'running', 'finished', 'stopped', 'failed', 'interrupted')),
  agents            integer     not null,
  units             integer     not null,
  mandates          integer     not null,
  concurrency       integer     not null,
  duplicate_percent integer     not null,
  seed              bigint      not null,
  world_id          uuid,
  server_id         uuid,
  frame             text,
  report            text,
  created_at        timestamptz not null default now(),
  started_at        timestamptz,
  seen_at           timestamptz,
  stop_asked_at     timestamptz,
  ended_at          timestamptz,
  constraint runs_pkey primary key (run_id)
);
-- step
create index /*async*/ if not exists runs_by_tenant on runs (tenant_id, created_at, run_id);
-- step
create index /*async*/ if not exists runs_by_state on runs (state, created_at, run_id);
