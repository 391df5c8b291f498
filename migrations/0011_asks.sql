-- One row per key: what was asked and what was answered, for ever. A decline exists only here.
-- `ask_id` is the public intentId; for a commit or a hold it is the purchase's id, and it is always
-- the id of the ledger transaction that the ask wrote. `answer` is text because jsonb loses bytes.
-- Written by: server/kernel
create table if not exists asks (
  ask_id      uuid        not null,
  tenant_id   uuid        not null,
  merchant_id uuid        not null,
  key         text        not null,
  kind        text        not null check (kind in ('commit', 'hold', 'capture', 'extend', 'release', 'refund')),
  purchase_id uuid        not null,
  fingerprint bytea       not null,
  body        text        not null,
  granted     boolean     not null,
  answer      text        not null,
  created_at  timestamptz not null default now(),
  constraint asks_pkey primary key (ask_id),
  constraint asks_one_answer_per_key unique (merchant_id, key)
);
