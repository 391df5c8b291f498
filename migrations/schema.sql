-- What the migrations make, as PostgreSQL describes it. To be read, not run.
-- Written by `npm run generate`.

create table account_totals (
  owner_id uuid not null,
  account text not null,
  kind text not null,
  currency text not null,
  slice integer not null,
  tenant_id uuid not null,
  amount_minor bigint not null,
  legs bigint not null,
  version bigint not null,
  constraint account_totals_pkey PRIMARY KEY (owner_id, account, kind, currency, slice),
  constraint account_totals_slice_check CHECK (((slice >= '-1'::integer) AND (slice <= 15))),
  constraint account_totals_version_check CHECK ((version >= 1))
);

create table agent_counts (
  tenant_id uuid not null,
  agent_id text not null,
  what text not null,
  name text not null,
  asks bigint not null,
  amount_minor bigint not null,
  constraint agent_counts_pkey PRIMARY KEY (tenant_id, agent_id, what, name),
  constraint agent_counts_what_check CHECK ((what = ANY (ARRAY['reason'::text, 'mandate'::text, 'by'::text, 'spent'::text])))
);

create table agent_marks (
  tenant_id uuid not null,
  counted_to timestamp with time zone not null,
  counted_id uuid not null,
  constraint agent_marks_pkey PRIMARY KEY (tenant_id)
);

create table agents (
  tenant_id uuid not null,
  agent_id text not null,
  asks bigint not null,
  granted bigint not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  last_ask_id uuid not null,
  constraint agents_pkey PRIMARY KEY (tenant_id, agent_id),
  constraint agents_asks_check CHECK ((asks >= 0)),
  constraint agents_check CHECK (((granted >= 0) AND (granted <= asks)))
);

CREATE INDEX agents_by_last ON public.agents USING btree (tenant_id, last_at, last_ask_id);

create table api_keys (
  key_id text not null,
  tenant_id uuid not null,
  mode text not null,
  name text not null,
  secret_hash text not null,
  scopes text not null,
  agent_ids text,
  mandate_ids text,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  replaced_by text,
  constraint api_keys_pkey PRIMARY KEY (key_id),
  constraint api_keys_key_id_check CHECK ((length(key_id) = 22)),
  constraint api_keys_mode_check CHECK ((mode = ANY (ARRAY['live'::text, 'test'::text]))),
  constraint api_keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint api_keys_secret_hash_check CHECK ((length(secret_hash) = 64))
);

CREATE INDEX api_keys_by_tenant ON public.api_keys USING btree (tenant_id, created_at);

create table asks (
  ask_id uuid not null,
  tenant_id uuid not null,
  merchant_id uuid not null,
  key text not null,
  kind text not null,
  purchase_id uuid not null,
  fingerprint bytea not null,
  body text not null,
  granted boolean not null,
  answer text not null,
  created_at timestamp with time zone not null default now(),
  asked_by text,
  constraint asks_pkey PRIMARY KEY (ask_id),
  constraint asks_one_answer_per_key UNIQUE (merchant_id, key),
  constraint asks_kind_check CHECK ((kind = ANY (ARRAY['commit'::text, 'hold'::text, 'capture'::text, 'extend'::text, 'release'::text, 'refund'::text])))
);

CREATE INDEX asks_by_tenant ON public.asks USING btree (tenant_id, created_at, ask_id);

CREATE INDEX asks_on_purchase ON public.asks USING btree (purchase_id) WHERE (purchase_id <> ask_id);

create table audit_entries (
  tenant_id uuid not null,
  seq bigint not null,
  previous_hash text not null,
  hash text not null,
  at timestamp with time zone not null,
  actor_kind text not null,
  actor_id text not null,
  actor_role text,
  session_id text,
  action text not null,
  object_kind text not null,
  object_id text not null,
  before text,
  after text,
  reason text,
  ip text,
  request_id text,
  constraint audit_entries_pkey PRIMARY KEY (tenant_id, seq),
  constraint audit_entries_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['person'::text, 'key'::text, 'command'::text, 'system'::text]))),
  constraint audit_entries_hash_check CHECK ((length(hash) = 64)),
  constraint audit_entries_seq_check CHECK ((seq >= 1))
);

create table audit_heads (
  tenant_id uuid not null,
  seq bigint not null,
  hash text not null,
  constraint audit_heads_pkey PRIMARY KEY (tenant_id),
  constraint audit_heads_hash_check CHECK ((length(hash) = 64)),
  constraint audit_heads_seq_check CHECK ((seq >= 1))
);

create table blocked_agents (
  tenant_id uuid not null,
  agent_id text not null,
  reason text,
  blocked_by text not null,
  blocked_at timestamp with time zone not null default now(),
  constraint blocked_agents_pkey PRIMARY KEY (tenant_id, agent_id),
  constraint blocked_agents_agent_id_check CHECK (((length(agent_id) >= 1) AND (length(agent_id) <= 255)))
);

create table decline_marks (
  tenant_id uuid not null,
  swept_to timestamp with time zone not null,
  swept_id uuid not null,
  constraint decline_marks_pkey PRIMARY KEY (tenant_id)
);

create table import_faults (
  import_id uuid not null,
  pass text not null,
  row_no integer not null,
  tenant_id uuid not null,
  line integer not null,
  faults text not null,
  cells text not null,
  constraint import_faults_pkey PRIMARY KEY (import_id, pass, row_no),
  constraint import_faults_pass_check CHECK ((pass = ANY (ARRAY['check'::text, 'import'::text]))),
  constraint import_faults_row_no_check CHECK ((row_no >= 2))
);

create table import_parts (
  import_id uuid not null,
  at integer not null,
  tenant_id uuid not null,
  size integer not null,
  sha256 text not null,
  bytes bytea not null,
  constraint import_parts_pkey PRIMARY KEY (import_id, at),
  constraint import_parts_at_check CHECK ((at >= 0)),
  constraint import_parts_sha256_check CHECK ((length(sha256) = 64)),
  constraint import_parts_size_check CHECK (((size >= 1) AND (size <= 524288)))
);

create table import_rows (
  import_id uuid not null,
  row_no integer not null,
  tenant_id uuid not null,
  object_id uuid not null,
  buckets integer not null,
  undo text,
  constraint import_rows_pkey PRIMARY KEY (import_id, row_no),
  constraint import_rows_row_no_check CHECK ((row_no >= 2)),
  constraint import_rows_undo_check CHECK ((undo = ANY (ARRAY['undone'::text, 'kept'::text])))
);

create table imports (
  import_id uuid not null,
  tenant_id uuid not null,
  kind text not null,
  file_name text not null,
  state text not null,
  problem text,
  file_bytes integer,
  bytes integer not null default 0,
  delimiter text,
  columns text,
  fixed text,
  sha256 text,
  check_no integer not null default 0,
  bytes_checked integer not null default 0,
  rows_checked integer not null default 0,
  rows_good integer not null default 0,
  rows_bad integer not null default 0,
  next_row integer not null default 0,
  next_line integer not null default 0,
  next_byte integer not null default 0,
  rows_made integer not null default 0,
  rows_refused integer not null default 0,
  rows_undone integer not null default 0,
  rows_kept integer not null default 0,
  rows_per_second integer,
  actor_kind text not null,
  actor_id text not null,
  file_gone boolean not null default false,
  created_at timestamp with time zone not null default now(),
  changed_at timestamp with time zone not null default now(),
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  undo_until timestamp with time zone,
  constraint imports_pkey PRIMARY KEY (import_id),
  constraint imports_bytes_check CHECK ((bytes >= 0)),
  constraint imports_delimiter_check CHECK ((length(delimiter) = 1)),
  constraint imports_file_bytes_check CHECK ((file_bytes >= 1)),
  constraint imports_file_name_check CHECK (((length(file_name) >= 1) AND (length(file_name) <= 200))),
  constraint imports_kind_check CHECK ((kind = ANY (ARRAY['items'::text, 'mandates'::text]))),
  constraint imports_sha256_check CHECK ((length(sha256) = 64)),
  constraint imports_state_check CHECK ((state = ANY (ARRAY['uploading'::text, 'checking'::text, 'checked'::text, 'rejected'::text, 'importing'::text, 'done'::text, 'cancelled'::text, 'undoing'::text, 'undone'::text])))
);

CREATE INDEX imports_by_state ON public.imports USING btree (state, changed_at);

CREATE INDEX imports_by_tenant ON public.imports USING btree (tenant_id, created_at, import_id);

create table item_prices (
  item_id uuid not null,
  price_version bigint not null,
  tenant_id uuid not null,
  price_minor bigint not null,
  created_at timestamp with time zone not null default now(),
  constraint item_prices_pkey PRIMARY KEY (item_id, price_version),
  constraint item_prices_price_minor_check CHECK (((price_minor >= 0) AND (price_minor <= '9007199254740991'::bigint))),
  constraint item_prices_price_version_check CHECK ((price_version >= 1))
);

create table items (
  item_id uuid not null,
  tenant_id uuid not null,
  merchant_id uuid not null,
  sku text not null,
  name text not null,
  currency text not null,
  price_minor bigint not null,
  price_version bigint not null,
  pool_id uuid not null,
  created_at timestamp with time zone not null default now(),
  constraint items_pkey PRIMARY KEY (item_id),
  constraint items_sku_once_a_merchant UNIQUE (merchant_id, sku),
  constraint items_currency_check CHECK ((length(currency) = 3)),
  constraint items_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint items_price_minor_check CHECK (((price_minor >= 0) AND (price_minor <= '9007199254740991'::bigint))),
  constraint items_price_version_check CHECK ((price_version >= 1)),
  constraint items_sku_check CHECK (((length(sku) >= 1) AND (length(sku) <= 100)))
);

CREATE INDEX items_by_tenant ON public.items USING btree (tenant_id, created_at, item_id);

create table leases (
  name text not null,
  owner_id uuid not null,
  version bigint not null,
  until timestamp with time zone not null,
  constraint leases_pkey PRIMARY KEY (name),
  constraint leases_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint leases_version_check CHECK ((version >= 1))
);

create table ledger_entries (
  purchase_id uuid not null,
  txn_id uuid not null,
  leg integer not null,
  tenant_id uuid not null,
  kind text not null,
  account text not null,
  owner_id uuid not null,
  amount_minor bigint not null,
  currency text not null,
  created_at timestamp with time zone not null default now(),
  constraint ledger_entries_pkey PRIMARY KEY (purchase_id, txn_id, leg),
  constraint ledger_entries_account_check CHECK ((account = ANY (ARRAY['MANDATE_RESERVED'::text, 'MERCHANT_HELD'::text, 'MERCHANT_PAYABLE'::text]))),
  constraint ledger_entries_kind_check CHECK ((kind = ANY (ARRAY['commit'::text, 'hold'::text, 'capture'::text, 'release'::text, 'expire'::text, 'refund'::text]))),
  constraint ledger_entries_leg_check CHECK (((leg >= 0) AND (leg <= 9)))
);

CREATE INDEX ledger_entries_by_tenant ON public.ledger_entries USING btree (tenant_id, created_at, txn_id, leg) INCLUDE (account, owner_id, currency, amount_minor);

create table links (
  kind text not null,
  subject text not null,
  link_id uuid not null,
  token_hash text not null,
  organisation_id uuid,
  person_id uuid,
  email text,
  role text,
  replaces_operator boolean not null default false,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  constraint links_pkey PRIMARY KEY (kind, subject),
  constraint links_id UNIQUE (link_id),
  constraint links_token UNIQUE (token_hash),
  constraint links_kind_check CHECK ((kind = ANY (ARRAY['claim'::text, 'invitation'::text, 'recovery'::text]))),
  constraint links_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'operator'::text, 'finance'::text, 'viewer'::text]))),
  constraint links_token_hash_check CHECK ((length(token_hash) = 64))
);

CREATE INDEX links_by_organisation ON public.links USING btree (organisation_id);

create table mandate_buckets (
  mandate_id uuid not null,
  bucket integer not null,
  tenant_id uuid not null,
  remaining_minor bigint not null,
  active boolean not null,
  rules_version bigint not null,
  day_start timestamp with time zone,
  day_left_minor bigint,
  week_start timestamp with time zone,
  week_left_minor bigint,
  month_start timestamp with time zone,
  month_left_minor bigint,
  version bigint not null,
  constraint mandate_buckets_pkey PRIMARY KEY (mandate_id, bucket),
  constraint mandate_buckets_bucket_check CHECK (((bucket >= 0) AND (bucket <= 255))),
  constraint mandate_buckets_day_left_minor_check CHECK ((day_left_minor >= 0)),
  constraint mandate_buckets_month_left_minor_check CHECK ((month_left_minor >= 0)),
  constraint mandate_buckets_remaining_minor_check CHECK ((remaining_minor >= 0)),
  constraint mandate_buckets_version_check CHECK ((version >= 0)),
  constraint mandate_buckets_week_left_minor_check CHECK ((week_left_minor >= 0))
);

create table mandates (
  mandate_id uuid not null,
  tenant_id uuid not null,
  name text not null,
  state text not null,
  currency text not null,
  cap_minor bigint not null,
  purchase_max_minor bigint,
  day_limit_minor bigint,
  week_limit_minor bigint,
  month_limit_minor bigint,
  time_zone text not null,
  allowed_merchants text,
  allowed_items text,
  agent_id text,
  starts_at timestamp with time zone,
  expires_at timestamp with time zone,
  duplicate_window_seconds integer,
  rules_version bigint not null,
  buckets integer not null,
  day_carried_from timestamp with time zone,
  day_carried_minor bigint,
  week_carried_from timestamp with time zone,
  week_carried_minor bigint,
  month_carried_from timestamp with time zone,
  month_carried_minor bigint,
  gate text,
  gate_until timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint mandates_pkey PRIMARY KEY (mandate_id),
  constraint mandates_agent_id_check CHECK (((length(agent_id) >= 1) AND (length(agent_id) <= 255))),
  constraint mandates_buckets_check CHECK (((buckets >= 1) AND (buckets <= 256))),
  constraint mandates_cap_minor_check CHECK (((cap_minor >= 0) AND (cap_minor <= '9007199254740991'::bigint))),
  constraint mandates_currency_check CHECK ((length(currency) = 3)),
  constraint mandates_day_limit_minor_check CHECK (((day_limit_minor >= 0) AND (day_limit_minor <= '9007199254740991'::bigint))),
  constraint mandates_duplicate_window_seconds_check CHECK (((duplicate_window_seconds >= 1) AND (duplicate_window_seconds <= 2592000))),
  constraint mandates_gate_check CHECK ((gate = ANY (ARRAY['pause'::text, 'revoke'::text, 'rules'::text, 'reshard'::text, 'cap'::text]))),
  constraint mandates_gate_has_an_end CHECK (((gate IS NULL) = (gate_until IS NULL))),
  constraint mandates_month_limit_minor_check CHECK (((month_limit_minor >= 0) AND (month_limit_minor <= '9007199254740991'::bigint))),
  constraint mandates_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint mandates_purchase_max_minor_check CHECK (((purchase_max_minor >= 0) AND (purchase_max_minor <= '9007199254740991'::bigint))),
  constraint mandates_rules_version_check CHECK ((rules_version >= 1)),
  constraint mandates_state_check CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'revoked'::text]))),
  constraint mandates_week_limit_minor_check CHECK (((week_limit_minor >= 0) AND (week_limit_minor <= '9007199254740991'::bigint)))
);

CREATE INDEX mandates_by_tenant ON public.mandates USING btree (tenant_id, created_at, mandate_id);

create table memberships (
  organisation_id uuid not null,
  person_id uuid not null,
  role text not null,
  created_at timestamp with time zone not null default now(),
  constraint memberships_pkey PRIMARY KEY (organisation_id, person_id),
  constraint memberships_one_each UNIQUE (person_id),
  constraint memberships_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'operator'::text, 'finance'::text, 'viewer'::text])))
);

create table merchants (
  merchant_id uuid not null,
  tenant_id uuid not null,
  name text not null,
  created_at timestamp with time zone not null default now(),
  constraint merchants_pkey PRIMARY KEY (merchant_id),
  constraint merchants_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

create table organisations (
  organisation_id uuid not null,
  name text not null,
  created_at timestamp with time zone not null default now(),
  suspended_at timestamp with time zone,
  suspended_reason text,
  constraint organisations_pkey PRIMARY KEY (organisation_id),
  constraint organisations_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

create table outbox (
  shard integer not null,
  event_id uuid not null,
  tenant_id uuid not null,
  kind text not null,
  subject_id uuid not null,
  due_at timestamp with time zone not null default now(),
  tries integer not null default 0,
  created_at timestamp with time zone not null default now(),
  constraint outbox_pkey PRIMARY KEY (shard, event_id),
  constraint outbox_shard_check CHECK (((shard >= 0) AND (shard <= 15)))
);

create table parked_events (
  event_id uuid not null,
  tenant_id uuid not null,
  kind text not null,
  subject_id uuid not null,
  tries integer not null,
  reason text not null,
  created_at timestamp with time zone not null,
  parked_at timestamp with time zone not null default now(),
  constraint parked_events_pkey PRIMARY KEY (event_id)
);

create table people (
  person_id uuid not null,
  email text not null,
  name text not null,
  password_hash text not null,
  instance_operator boolean not null default false,
  last_address text,
  created_at timestamp with time zone not null default now(),
  password_changed_at timestamp with time zone not null default now(),
  last_seen_at timestamp with time zone,
  constraint people_pkey PRIMARY KEY (person_id),
  constraint people_email UNIQUE (email),
  constraint people_email_check CHECK (((length(email) >= 3) AND (length(email) <= 254))),
  constraint people_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

create table pools (
  pool_id uuid not null,
  tenant_id uuid not null,
  item_id uuid not null,
  buckets integer not null,
  open boolean not null,
  gate text,
  gate_until timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint pools_pkey PRIMARY KEY (pool_id),
  constraint pools_buckets_check CHECK (((buckets >= 1) AND (buckets <= 256))),
  constraint pools_gate_check CHECK ((gate = ANY (ARRAY['close'::text, 'price'::text, 'reshard'::text, 'adjust'::text]))),
  constraint pools_gate_has_an_end CHECK (((gate IS NULL) = (gate_until IS NULL)))
);

create table proof_findings (
  invariant text not null,
  breaches bigint not null,
  ms integer not null,
  checked_at timestamp with time zone not null,
  constraint proof_findings_pkey PRIMARY KEY (invariant),
  constraint proof_findings_breaches_check CHECK ((breaches >= 0)),
  constraint proof_findings_invariant_check CHECK (((length(invariant) >= 1) AND (length(invariant) <= 100))),
  constraint proof_findings_ms_check CHECK ((ms >= 0))
);

create table purchases (
  purchase_id uuid not null,
  line integer not null,
  tenant_id uuid not null,
  merchant_id uuid not null,
  mandate_id uuid not null,
  agent_id text not null,
  item_id uuid,
  pool_id uuid,
  charge text,
  quantity bigint not null,
  unit_price_minor bigint not null,
  price_version bigint not null,
  rules_version bigint not null,
  amount_minor bigint not null,
  currency text not null,
  state text not null,
  settled_quantity bigint not null,
  settled_minor bigint not null,
  returned_quantity bigint not null,
  refunded_minor bigint not null,
  expires_at timestamp with time zone,
  version bigint not null,
  created_at timestamp with time zone not null default now(),
  constraint purchases_pkey PRIMARY KEY (purchase_id, line),
  constraint purchases_check CHECK (((settled_quantity >= 0) AND (settled_quantity <= quantity))),
  constraint purchases_check1 CHECK (((returned_quantity >= 0) AND (returned_quantity <= settled_quantity))),
  constraint purchases_held_until CHECK (((state <> 'held'::text) OR (expires_at IS NOT NULL))),
  constraint purchases_item_or_charge CHECK (((item_id IS NULL) = (charge IS NOT NULL))),
  constraint purchases_line_check CHECK (((line >= 0) AND (line <= 99))),
  constraint purchases_quantity_check CHECK ((quantity >= 0)),
  constraint purchases_state_check CHECK ((state = ANY (ARRAY['held'::text, 'settled'::text, 'released'::text, 'expired'::text])))
);

CREATE INDEX purchases_by_mandate ON public.purchases USING btree (mandate_id, created_at);

CREATE INDEX purchases_held_by_mandate ON public.purchases USING btree (mandate_id, expires_at) WHERE (state = 'held'::text);

CREATE INDEX purchases_held_by_pool ON public.purchases USING btree (pool_id, expires_at) WHERE (state = 'held'::text);

CREATE INDEX purchases_held_by_time ON public.purchases USING btree (expires_at, purchase_id) WHERE (state = 'held'::text);

create table recent_grants (
  mandate_id uuid not null,
  agent_id text not null,
  item_id uuid not null,
  amount_minor bigint not null,
  tenant_id uuid not null,
  last_at timestamp with time zone not null,
  constraint recent_grants_pkey PRIMARY KEY (mandate_id, agent_id, item_id, amount_minor)
);

create table request_keys (
  tenant_id uuid not null,
  route text not null,
  key text not null,
  fingerprint text not null,
  object_id text not null,
  request_id uuid not null,
  created_at timestamp with time zone not null default now(),
  constraint request_keys_pkey PRIMARY KEY (tenant_id, route, key),
  constraint request_keys_fingerprint_check CHECK ((length(fingerprint) = 64)),
  constraint request_keys_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255)))
);

create table request_log (
  tenant_id uuid not null,
  created_at timestamp with time zone not null,
  request_id uuid not null,
  method text not null,
  route text not null,
  status integer,
  code text,
  ms integer not null,
  caller text not null,
  idempotency_key text,
  replayed boolean,
  stands_for integer not null,
  subject_id text,
  user_agent text,
  constraint request_log_pkey PRIMARY KEY (tenant_id, created_at, request_id),
  constraint request_log_stands_for_check CHECK ((stands_for >= 1))
);

CREATE INDEX request_log_by_id ON public.request_log USING btree (request_id);

create table round_turns (
  name text not null,
  every_ms integer not null,
  ended_at timestamp with time zone not null,
  done_at timestamp with time zone,
  ms integer not null,
  did bigint not null,
  reason text,
  constraint round_turns_pkey PRIMARY KEY (name),
  constraint round_turns_did_check CHECK ((did >= 0)),
  constraint round_turns_every_ms_check CHECK ((every_ms > 0)),
  constraint round_turns_ms_check CHECK ((ms >= 0)),
  constraint round_turns_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);

create table run_slots (
  slot integer not null,
  run_id uuid not null,
  constraint run_slots_pkey PRIMARY KEY (slot)
);

create table runs (
  run_id uuid not null,
  tenant_id uuid not null,
  state text not null,
  agents integer not null,
  units integer not null,
  mandates integer not null,
  concurrency integer not null,
  duplicate_percent integer not null,
  seed bigint not null,
  world_id uuid,
  server_id uuid,
  frame text,
  report text,
  created_at timestamp with time zone not null default now(),
  started_at timestamp with time zone,
  seen_at timestamp with time zone,
  stop_asked_at timestamp with time zone,
  ended_at timestamp with time zone,
  started_by text,
  faults text,
  constraint runs_pkey PRIMARY KEY (run_id),
  constraint runs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'finished'::text, 'stopped'::text, 'failed'::text, 'interrupted'::text])))
);

CREATE INDEX runs_by_state ON public.runs USING btree (state, created_at, run_id);

CREATE INDEX runs_by_tenant ON public.runs USING btree (tenant_id, created_at, run_id);

create table sandbox_resets (
  tenant_id uuid not null,
  next_tenant_id uuid not null,
  created_at timestamp with time zone not null default now(),
  constraint sandbox_resets_pkey PRIMARY KEY (tenant_id)
);

create table schema_migrations (
  version integer not null,
  step integer not null,
  checksum text not null,
  applied_at timestamp with time zone not null default now(),
  needs integer,
  constraint schema_migrations_pkey PRIMARY KEY (version, step)
);

create table sessions (
  session_id uuid not null,
  token_hash text not null,
  person_id uuid not null,
  ip text not null,
  user_agent text not null,
  created_at timestamp with time zone not null default now(),
  seen_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  constraint sessions_pkey PRIMARY KEY (session_id),
  constraint sessions_token UNIQUE (token_hash),
  constraint sessions_token_hash_check CHECK ((length(token_hash) = 64))
);

CREATE INDEX sessions_by_person ON public.sessions USING btree (person_id);

create table sign_in_failures (
  subject text not null,
  failures integer not null,
  last_at timestamp with time zone not null default now(),
  blocked_until timestamp with time zone,
  constraint sign_in_failures_pkey PRIMARY KEY (subject),
  constraint sign_in_failures_failures_check CHECK ((failures >= 0))
);

create table stock_buckets (
  pool_id uuid not null,
  bucket integer not null,
  tenant_id uuid not null,
  item_id uuid not null,
  available bigint not null,
  open boolean not null,
  price_version bigint not null,
  version bigint not null,
  constraint stock_buckets_pkey PRIMARY KEY (pool_id, bucket),
  constraint stock_buckets_available_check CHECK ((available >= 0)),
  constraint stock_buckets_bucket_check CHECK (((bucket >= 0) AND (bucket <= 255))),
  constraint stock_buckets_version_check CHECK ((version >= 0))
);

create table stock_moves (
  move_id uuid not null,
  tenant_id uuid not null,
  item_id uuid not null,
  pool_id uuid not null,
  quantity bigint not null,
  reason text not null,
  created_at timestamp with time zone not null default now(),
  constraint stock_moves_pkey PRIMARY KEY (pool_id, move_id),
  constraint stock_moves_quantity_check CHECK (((quantity >= '-9007199254740991'::bigint) AND (quantity <= '9007199254740991'::bigint))),
  constraint stock_moves_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500)))
);

create table tenants (
  tenant_id uuid not null,
  organisation_id uuid,
  mode text not null,
  name text not null,
  created_at timestamp with time zone not null default now(),
  constraint tenants_pkey PRIMARY KEY (tenant_id),
  constraint tenants_one_per_mode UNIQUE (organisation_id, mode),
  constraint tenants_mode_check CHECK ((mode = ANY (ARRAY['live'::text, 'test'::text, 'sandbox'::text, 'run'::text]))),
  constraint tenants_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
  constraint tenants_worlds_have_no_people CHECK (((organisation_id IS NULL) = (mode = ANY (ARRAY['sandbox'::text, 'run'::text]))))
);

create table usage_days (
  tenant_id uuid not null,
  day date not null,
  kind text not null,
  granted boolean not null,
  asks bigint not null,
  constraint usage_days_pkey PRIMARY KEY (tenant_id, day, kind, granted),
  constraint usage_days_asks_check CHECK ((asks >= 0))
);

create table usage_marks (
  tenant_id uuid not null,
  counted_to timestamp with time zone not null,
  constraint usage_marks_pkey PRIMARY KEY (tenant_id)
);

create table usage_replays (
  tenant_id uuid not null,
  day date not null,
  process_id uuid not null,
  replays bigint not null,
  constraint usage_replays_pkey PRIMARY KEY (tenant_id, day, process_id),
  constraint usage_replays_replays_check CHECK ((replays >= 0))
);

create table webhook_attempts (
  delivery_id uuid not null,
  attempt integer not null,
  tenant_id uuid not null,
  status integer,
  fault text,
  ms integer not null,
  answer text not null,
  created_at timestamp with time zone not null default now(),
  sent_to text,
  sent_headers text,
  constraint webhook_attempts_pkey PRIMARY KEY (delivery_id, attempt),
  constraint webhook_attempts_attempt_check CHECK ((attempt >= 1)),
  constraint webhook_attempts_status_or_fault CHECK (((status IS NULL) = (fault IS NOT NULL)))
);

create table webhook_deliveries (
  endpoint_id uuid not null,
  event_id uuid not null,
  delivery_id uuid not null,
  tenant_id uuid not null,
  kind text not null,
  payload text not null,
  state text not null,
  attempts integer not null,
  counts_from integer not null,
  due_at timestamp with time zone not null default now(),
  delivered_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint webhook_deliveries_pkey PRIMARY KEY (endpoint_id, event_id),
  constraint webhook_deliveries_id UNIQUE (delivery_id),
  constraint webhook_deliveries_attempts_check CHECK ((attempts >= 0)),
  constraint webhook_deliveries_check CHECK (((counts_from >= 0) AND (counts_from <= attempts))),
  constraint webhook_deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text, 'skipped'::text])))
);

CREATE INDEX webhook_deliveries_by_time ON public.webhook_deliveries USING btree (created_at);

CREATE INDEX webhook_deliveries_due ON public.webhook_deliveries USING btree (endpoint_id, due_at) WHERE (state = 'pending'::text);

CREATE INDEX webhook_deliveries_listed ON public.webhook_deliveries USING btree (endpoint_id, created_at, delivery_id);

create table webhook_endpoints (
  endpoint_id uuid not null,
  tenant_id uuid not null,
  url text not null,
  description text not null,
  kinds text not null,
  state text not null,
  disabled_reason text,
  failing_since timestamp with time zone,
  secret text not null,
  old_secret text,
  old_secret_until timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint webhook_endpoints_pkey PRIMARY KEY (endpoint_id),
  constraint webhook_endpoints_disabled_reason_check CHECK ((disabled_reason = ANY (ARRAY['by_hand'::text, 'gone'::text, 'failing'::text]))),
  constraint webhook_endpoints_say_why CHECK (((state = 'disabled'::text) = (disabled_reason IS NOT NULL))),
  constraint webhook_endpoints_state_check CHECK ((state = ANY (ARRAY['enabled'::text, 'disabled'::text]))),
  constraint webhook_endpoints_url_check CHECK (((length(url) >= 1) AND (length(url) <= 2000)))
);

CREATE INDEX webhook_endpoints_by_tenant ON public.webhook_endpoints USING btree (tenant_id, created_at, endpoint_id);

create table webhook_marks (
  tenant_id uuid not null,
  heard_to timestamp with time zone not null,
  constraint webhook_marks_pkey PRIMARY KEY (tenant_id)
);

create table webhook_redeliveries (
  redelivery_id uuid not null,
  endpoint_id uuid not null,
  tenant_id uuid not null,
  since timestamp with time zone not null,
  delivered boolean not null,
  state text not null,
  total bigint not null,
  seen bigint not null,
  redelivered bigint not null,
  seen_at timestamp with time zone not null,
  seen_id uuid not null,
  created_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  constraint webhook_redeliveries_pkey PRIMARY KEY (redelivery_id),
  constraint webhook_redeliveries_check CHECK (((redelivered >= 0) AND (redelivered <= seen))),
  constraint webhook_redeliveries_seen_check CHECK ((seen >= 0)),
  constraint webhook_redeliveries_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'stopped'::text]))),
  constraint webhook_redeliveries_total_check CHECK ((total >= 0))
);

CREATE INDEX webhook_redeliveries_by_endpoint ON public.webhook_redeliveries USING btree (endpoint_id, created_at, redelivery_id);

CREATE INDEX webhook_redeliveries_running ON public.webhook_redeliveries USING btree (created_at) WHERE (state = 'running'::text);

create table world_purges (
  world_id uuid not null,
  begun_at timestamp with time zone not null default now(),
  constraint world_purges_pkey PRIMARY KEY (world_id)
);

CREATE OR REPLACE FUNCTION public.audit_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the audit log is append-only: % is refused', tg_op
    using errcode = '23514', constraint = 'audit_entries_append_only';
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the ledger is append-only: % is refused, book a compensating transaction instead', tg_op
    using errcode = '23514', constraint = 'ledger_entries_append_only';
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_must_balance()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select 1 from new_legs group by txn_id, currency having sum(amount_minor) <> 0) then
    raise exception 'the legs of a ledger transaction must sum to zero per currency'
      using errcode = '23514', constraint = 'ledger_entries_balance';
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.only_worlds_end()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if current_user <> 'zerorace_janitor' then
    raise exception '% is append-only: DELETE is refused to %', tg_table_name, current_user
      using errcode = '23514', constraint = tg_table_name || '_append_only';
  end if;
  if exists (select 1 from gone g
              where not exists (select 1 from tenants t
                                 where t.tenant_id = g.tenant_id and t.mode in ('sandbox', 'run'))) then
    raise exception '% is append-only: only the rows of a sandbox or a run may be deleted', tg_table_name
      using errcode = '23514', constraint = tg_table_name || '_append_only';
  end if;
  return null;
end $function$;

CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR TRUNCATE ON public.audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

CREATE TRIGGER audit_entries_only_worlds_end AFTER DELETE ON public.audit_entries REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION only_worlds_end();

CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR TRUNCATE ON public.ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

CREATE TRIGGER ledger_entries_balance AFTER INSERT ON public.ledger_entries REFERENCING NEW TABLE AS new_legs FOR EACH STATEMENT EXECUTE FUNCTION ledger_must_balance();

CREATE TRIGGER ledger_entries_only_worlds_end AFTER DELETE ON public.ledger_entries REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION only_worlds_end();
