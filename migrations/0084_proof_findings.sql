-- What the worker's round found when it last looked at each invariant, over all tenants: for whoever
-- wants to see that somebody looked. It proves nothing by itself; `zerorace prove` looks again.
-- Written by: server/proof
create table if not exists proof_findings (
  invariant  text        not null check (length(invariant) between 1 and 100),
  breaches   bigint      not null check (breaches >= 0),
  ms         integer     not null check (ms >= 0),
  checked_at timestamptz not null,
  constraint proof_findings_pkey primary key (invariant)
);
