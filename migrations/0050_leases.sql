-- Who does what until when, so that many workers share the work. A lease saves double work and nothing
-- else: whatever is done under one is safe to do twice, because its holder may be slow and not know it.
-- `version` grows with every holder: of two who believe that it is theirs the higher one is right.
-- Written by: server/db
create table if not exists leases (
  name     text        not null check (length(name) between 1 and 200),
  owner_id uuid        not null,
  version  bigint      not null check (version >= 1),
  until    timestamptz not null,
  constraint leases_pkey primary key (name)
);
