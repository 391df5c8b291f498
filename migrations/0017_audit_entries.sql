-- Who did what to which thing, and why. Each entry holds the hash of the one before it in its tenant's
-- chain, so what is changed, removed or moved afterwards shows. Append-only: PostgreSQL itself refuses
-- anything else. `before` and `after` are JSON texts: they are hashed as they stand here.
-- Written by: server/audit
create table if not exists audit_entries (
  tenant_id     uuid        not null,
  seq           bigint      not null check (seq >= 1),
  previous_hash text        not null,
  hash          text        not null check (length(hash) = 64),
  at            timestamptz not null,
  actor_kind    text        not null check (actor_kind in ('person', 'key', 'command', 'system')),
  actor_id      text        not null,
  actor_role    text,
  session_id    text,
  action        text        not null,
  object_kind   text        not null,
  object_id     text        not null,
  before        text,
  after         text,
  reason        text,
  ip            text,
  request_id    text,
  constraint audit_entries_pkey primary key (tenant_id, seq)
);

-- step (postgres)
create or replace function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only: % is refused', tg_op
    using errcode = '23514', constraint = 'audit_entries_append_only';
end $$;

-- step (postgres)
create or replace trigger audit_entries_append_only before update or delete or truncate on audit_entries
  for each statement execute function audit_is_append_only();
