-- The last entry of each tenant's chain: whoever appends writes this row, so two at once collide and
-- one of them runs again; and an entry that is missing at the chain's end shows.
-- Written by: server/audit
create table if not exists audit_heads (
  tenant_id uuid   not null,
  seq       bigint not null check (seq >= 1),
  hash      text   not null check (length(hash) = 64),
  constraint audit_heads_pkey primary key (tenant_id)
);
