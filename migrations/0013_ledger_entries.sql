-- Double entry. `txn_id` is the id of the ask that wrote the legs (or of an expiry); the legs of one
-- transaction sum to zero per currency. Append-only: PostgreSQL itself refuses anything else.
-- Written by: server/kernel
create table if not exists ledger_entries (
  purchase_id  uuid        not null,
  txn_id       uuid        not null,
  leg          integer     not null check (leg between 0 and 9),
  tenant_id    uuid        not null,
  kind         text        not null check (kind in ('commit', 'hold', 'capture', 'release', 'expire', 'refund')),
  account      text        not null check (account in ('MANDATE_RESERVED', 'MERCHANT_HELD', 'MERCHANT_PAYABLE')),
  owner_id     uuid        not null,
  amount_minor bigint      not null,
  currency     text        not null,
  created_at   timestamptz not null default now(),
  constraint ledger_entries_pkey primary key (purchase_id, txn_id, leg)
);

-- step (postgres)
create or replace function ledger_must_balance() returns trigger language plpgsql as $$
begin
  if exists (select 1 from new_legs group by txn_id, currency having sum(amount_minor) <> 0) then
    raise exception 'the legs of a ledger transaction must sum to zero per currency'
      using errcode = '23514', constraint = 'ledger_entries_balance';
  end if;
  return null;
end $$;

-- step (postgres)
-- All legs of a transaction come in one statement, so a statement-level check sees them all.
create or replace trigger ledger_entries_balance after insert on ledger_entries
  referencing new table as new_legs for each statement execute function ledger_must_balance();

-- step (postgres)
create or replace function ledger_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only: % is refused, book a compensating transaction instead', tg_op
    using errcode = '23514', constraint = 'ledger_entries_append_only';
end $$;

-- step (postgres)
create or replace trigger ledger_entries_append_only before update or delete or truncate on ledger_entries
  for each statement execute function ledger_is_append_only();
