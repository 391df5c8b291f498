-- Links that one passes on by hand, each good for one use: to claim this instance, to join or to found an
-- organisation, to set a new password. Only the SHA-256 of the token is kept. There is one link for a
-- subject at most, so a new one ends the older, and two at once meet on its row. A used link has no row.
-- Written by: server/auth
create table if not exists links (
  kind              text        not null check (kind in ('claim', 'invitation', 'recovery')),
  subject           text        not null,
  link_id           uuid        not null,
  token_hash        text        not null check (length(token_hash) = 64),
  organisation_id   uuid,
  person_id         uuid,
  email             text,
  role              text        check (role in ('owner', 'operator', 'finance', 'viewer')),
  replaces_operator boolean     not null default false,
  created_by        text        not null,
  created_at        timestamptz not null default now(),
  expires_at        timestamptz not null,
  constraint links_pkey primary key (kind, subject),
  constraint links_token unique (token_hash),
  constraint links_id unique (link_id)
);

-- step
create index /*async*/ if not exists links_by_organisation on links (organisation_id);
