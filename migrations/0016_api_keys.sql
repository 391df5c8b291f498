-- What a program signs its calls with. Of the secret only the SHA-256 is kept: it has 256 bits of
-- chance, so a slow hash would guard nothing and cost every call.
-- `scopes`, `agent_ids` and `mandate_ids` are JSON arrays; null means "any". A world's key is a test key.
-- `last_used_at` is written in batches, some seconds late.
-- Written by: server/auth
create table if not exists api_keys (
  key_id       text        not null check (length(key_id) = 22),
  tenant_id    uuid        not null,
  mode         text        not null check (mode in ('live', 'test')),
  name         text        not null check (length(name) between 1 and 200),
  secret_hash  text        not null check (length(secret_hash) = 64),
  scopes       text        not null,
  agent_ids    text,
  mandate_ids  text,
  created_by   text        not null,
  created_at   timestamptz not null default now(),
  expires_at   timestamptz,
  last_used_at timestamptz,
  revoked_at   timestamptz,
  replaced_by  text,
  constraint api_keys_pkey primary key (key_id)
);

-- step
create index /*async*/ if not exists api_keys_by_tenant on api_keys (tenant_id, created_at);
