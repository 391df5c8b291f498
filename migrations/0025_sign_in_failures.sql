-- Attempts to sign in that did not succeed, by what they have in common: the account they were for, or
-- the network they came from. An attempt is written before its password is looked at, so that many at
-- once do not get past the limit.
-- Written by: server/auth
create table if not exists sign_in_failures (
  subject       text        not null,
  failures      integer     not null check (failures >= 0),
  last_at       timestamptz not null default now(),
  blocked_until timestamptz,
  constraint sign_in_failures_pkey primary key (subject)
);
