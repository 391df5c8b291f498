-- Sums of the ledger that need no adding up: per owner, account, kind of booking and currency. The owner of
-- an account, and for what merchants own their tenant, too. An event's legs are added in the transaction
-- that deletes its outbox row, so they count once however often it is told; the journal is these sums plus
-- the legs of what still stands in the outbox. A copy: nothing is decided by it.
-- A sum is cut in slices, so that workers do not meet on the row of a merchant that sells a lot. Slice -1 is
-- what `zerorace reconcile --repair` put right.
-- Written by: worker/outbox
create table if not exists account_totals (
  owner_id     uuid    not null,
  account      text    not null,
  kind         text    not null,
  currency     text    not null,
  slice        integer not null check (slice between -1 and 15),
  tenant_id    uuid    not null,
  amount_minor bigint  not null,
  legs         bigint  not null,
  version      bigint  not null check (version >= 1),
  constraint account_totals_pkey primary key (owner_id, account, kind, currency, slice)
);
