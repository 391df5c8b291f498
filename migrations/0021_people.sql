-- Who may sign in. `email` is in lower case. Of the password only an argon2id hash is kept, as a PHC
-- string with its parameters. `last_address` is the network of the last sign-in: strangers cannot lock
-- its owner out. Who is removed is deleted here, and stays named in the audit log.
-- Written by: server/auth
create table if not exists people (
  person_id           uuid        not null,
  email               text        not null check (length(email) between 3 and 254),
  name                text        not null check (length(name) between 1 and 200),
  password_hash       text        not null,
  instance_operator   boolean     not null default false,
  last_address        text,
  created_at          timestamptz not null default now(),
  password_changed_at timestamptz not null default now(),
  constraint people_pkey primary key (person_id),
  constraint people_email unique (email)
);
