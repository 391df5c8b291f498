-- People who are signed in. Of the token only the SHA-256 is kept: it has 256 bits of chance. A session
-- that is over has no row. `seen_at` is written in batches, some seconds late.
-- Written by: server/auth
create table if not exists sessions (
  session_id uuid        not null,
  token_hash text        not null check (length(token_hash) = 64),
  person_id  uuid        not null,
  ip         text        not null,
  user_agent text        not null,
  created_at timestamptz not null default now(),
  seen_at    timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint sessions_pkey primary key (session_id),
  constraint sessions_token unique (token_hash)
);

-- step
create index /*async*/ if not exists sessions_by_person on sessions (person_id);
