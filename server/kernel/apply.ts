import { lines as column, prepared, type Sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import type { PeriodName, PurchaseLine } from "./facts.ts";
import type { MandateWrite, Plan } from "./plan.ts";

/**
 * Writes a plan: one statement per table, all in one round trip. Decides nothing: every statement
 * must touch exactly the rows that the plan names, or the batch falls.
 */
export async function apply(tx: Tx, plan: Plan): Promise<void> {
  const writes: [Sql, number][] = [];
  const add = <Row>(rows: readonly Row[], statement: (rows: readonly Row[]) => Sql) => {
    if (rows.length > 0) writes.push([statement(rows), rows.length]);
  };
  // Answers first: a key that another process took must surface before anything else is written.
  add(plan.answers, writeAnswers);
  add(plan.newLines, writeNewLines);
  add(plan.changedLines, writeChangedLines);
  add(plan.stock, writeStock);
  add(plan.mandates, writeMandates);
  add(plan.legs, writeLegs);
  add(plan.events, writeEvents);
  add(plan.recentGrants, (grants) => writeRecentGrants(grants, plan.nowMs));
  await Promise.all(writes.map(([statement, count]) => tx.write(statement, count)));
}

function writeAnswers(rows: Plan["answers"]): Sql {
  return prepared("kernel_write_asks")`
    insert into asks (ask_id, tenant_id, merchant_id, key, kind, purchase_id, fingerprint, body, granted, answer)
    select ask_id, tenant_id, merchant_id, key, kind, purchase_id, decode(fingerprint, 'hex'), body, granted, answer
      from unnest(string_to_array(${column(rows.map((r) => r.askId))}, E'\n')::uuid[],
                  string_to_array(${column(rows.map((r) => r.tenantId))}, E'\n')::uuid[],
                  string_to_array(${column(rows.map((r) => r.merchantId))}, E'\n')::uuid[],
                  string_to_array(${column(rows.map((r) => r.key))}, E'\n'),
                  string_to_array(${column(rows.map((r) => r.kind))}, E'\n'),
                  string_to_array(${column(rows.map((r) => r.purchaseId))}, E'\n')::uuid[],
                  string_to_array(${column(rows.map((r) => r.fingerprint))}, E'\n'),
                  string_to_array(${column(rows.map((r) => r.body))}, E'\n'),
                  string_to_array(${column(rows.map((r) => r.granted))}, E'\n')::boolean[],
                  string_to_array(${column(rows.map((r) => r.text))}, E'\n'))
        as r(ask_id, tenant_id, merchant_id, key, kind, purchase_id, fingerprint, body, granted, answer)`;
}

function writeNewLines(rows: readonly PurchaseLine[]): Sql {
  return prepared("kernel_write_purchases")`
    insert into purchases (purchase_id, line, tenant_id, merchant_id, mandate_id, agent_id, item_id, pool_id,
                           charge, quantity, unit_price_minor, price_version, rules_version, amount_minor,
                           currency, state, settled_quantity, settled_minor, returned_quantity,
                           refunded_minor, expires_at, version, created_at)
    select purchase_id, line, tenant_id, merchant_id, mandate_id, agent_id, item_id, pool_id,
           charge, quantity, unit_price_minor, price_version, rules_version, amount_minor,
           currency, state, settled_quantity, settled_minor, 0, 0, to_timestamp(expires_ms / 1000), 1,
           to_timestamp(created_ms / 1000)
      from unnest(string_to_array(${column(rows.map((r) => r.purchaseId))}, E'\n')::uuid[],
                  string_to_array(${column(rows.map((r) => r.line))}, E'\n')::integer[],
                  string_to_array(${column(rows.map((r) => r.tenantId))}, E'\n')::uuid[],
                  string_to_array(${column(rows.map((r) => r.merchantId))}, E'\n')::uuid[],
                  string_to_array(${column(rows.map((r) => r.mandateId))}, E'\n')::uuid[],
                  string_to_array(${column(rows.map((r) => r.agentId))}, E'\n'),
                  string_to_array(${column(rows.map((r) => r.itemId))}, E'\n', '')::uuid[],
                  string_to_array(${column(rows.map((r) => r.poolId))}, E'\n', '')::uuid[],
                  string_to_array(${column(rows.map((r) => r.charge))}, E'\n', ''),
                  string_to_array(${column(rows.map((r) => r.quantity))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.unitPriceMinor))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.priceVersion))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.rulesVersion))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.amountMinor))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.currency))}, E'\n'),
                  string_to_array(${column(rows.map((r) => r.state))}, E'\n'),
                  string_to_array(${column(rows.map((r) => r.settledQuantity))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.settledMinor))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.expiresAtMs))}, E'\n', '')::float8[],
                  string_to_array(${column(rows.map((r) => r.createdAtMs))}, E'\n')::float8[])
        as r(purchase_id, line, tenant_id, merchant_id, mandate_id, agent_id, item_id, pool_id,
             charge, quantity, unit_price_minor, price_version, rules_version, amount_minor,
             currency, state, settled_quantity, settled_minor, expires_ms, created_ms)`;
}

/** One state row per line under a guard: of two that would settle a hold, one finds nothing to write. */
function writeChangedLines(changed: Plan["changedLines"]): Sql {
  const rows = changed.map(({ line, versionBefore }) => ({ ...line, versionBefore }));
  return prepared("kernel_change_purchases")`
    update purchases p
       set state = r.state, settled_quantity = r.settled_quantity, settled_minor = r.settled_minor,
           returned_quantity = r.returned_quantity, refunded_minor = r.refunded_minor,
           expires_at = to_timestamp(r.expires_ms / 1000), version = r.version
      from unnest(string_to_array(${column(rows.map((r) => r.purchaseId))}, E'\n')::uuid[],
                  string_to_array(${column(rows.map((r) => r.line))}, E'\n')::integer[],
                  string_to_array(${column(rows.map((r) => r.state))}, E'\n'),
                  string_to_array(${column(rows.map((r) => r.settledQuantity))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.settledMinor))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.returnedQuantity))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.refundedMinor))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.expiresAtMs))}, E'\n', '')::float8[],
                  string_to_array(${column(rows.map((r) => r.version))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.versionBefore))}, E'\n')::bigint[])
        as r(purchase_id, line, state, settled_quantity, settled_minor, returned_quantity,
             refunded_minor, expires_ms, version, version_before)
     where p.purchase_id = r.purchase_id and p.line = r.line and p.version = r.version_before`;
}

function writeStock(rows: Plan["stock"]): Sql {
  return prepared("kernel_write_stock")`
    update stock_buckets b
       set available = r.available, version = r.version
      from unnest(string_to_array(${column(rows.map((r) => r.poolId))}, E'\n')::uuid[],
                  string_to_array(${column(rows.map((r) => r.bucket))}, E'\n')::integer[],
                  string_to_array(${column(rows.map((r) => r.available))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.version))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.versionBefore))}, E'\n')::bigint[])
        as r(pool_id, bucket, available, version, version_before)
     where b.pool_id = r.pool_id and b.bucket = r.bucket and b.version = r.version_before`;
}

function writeMandates(rows: Plan["mandates"]): Sql {
  const withRooms = rows.some(({ rooms }) => Object.keys(rooms).length > 0);
  return withRooms ? writeMoneyAndRoom(rows) : writeMoney(rows);
}

function writeMoney(rows: readonly MandateWrite[]): Sql {
  return prepared("kernel_write_money")`
    update mandate_buckets b
       set remaining_minor = r.remaining_minor, version = r.version
      from unnest(string_to_array(${column(rows.map((r) => r.mandateId))}, E'\n')::uuid[],
                  string_to_array(${column(rows.map((r) => r.bucket))}, E'\n')::integer[],
                  string_to_array(${column(rows.map((r) => r.remainingMinor))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.version))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.versionBefore))}, E'\n')::bigint[])
        as r(mandate_id, bucket, remaining_minor, version, version_before)
     where b.mandate_id = r.mandate_id and b.bucket = r.bucket and b.version = r.version_before`;
}

/** Room of a limit that the mandate no longer has is wiped: a limit set again begins a new count. */
function writeMoneyAndRoom(rows: readonly MandateWrite[]): Sql {
  const starts = (name: PeriodName) =>
    column(rows.map(({ rooms }) => rooms[name]?.startMs ?? null));
  const left = (name: PeriodName) =>
    column(rows.map(({ rooms }) => rooms[name]?.leftMinor ?? null));
  return prepared("kernel_write_money_and_room")`
    update mandate_buckets b
       set remaining_minor = r.remaining_minor, version = r.version,
           day_start = to_timestamp(r.day_ms / 1000), day_left_minor = r.day_left,
           week_start = to_timestamp(r.week_ms / 1000), week_left_minor = r.week_left,
           month_start = to_timestamp(r.month_ms / 1000), month_left_minor = r.month_left
      from unnest(string_to_array(${column(rows.map((r) => r.mandateId))}, E'\n')::uuid[],
                  string_to_array(${column(rows.map((r) => r.bucket))}, E'\n')::integer[],
                  string_to_array(${column(rows.map((r) => r.remainingMinor))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.version))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.versionBefore))}, E'\n')::bigint[],
                  string_to_array(${starts("day")}, E'\n', '')::float8[],
                  string_to_array(${left("day")}, E'\n', '')::bigint[],
                  string_to_array(${starts("week")}, E'\n', '')::float8[],
                  string_to_array(${left("week")}, E'\n', '')::bigint[],
                  string_to_array(${starts("month")}, E'\n', '')::float8[],
                  string_to_array(${left("month")}, E'\n', '')::bigint[])
        as r(mandate_id, bucket, remaining_minor, version, version_before,
             day_ms, day_left, week_ms, week_left, month_ms, month_left)
     where b.mandate_id = r.mandate_id and b.bucket = r.bucket and b.version = r.version_before`;
}

/** All legs of a ledger transaction in one statement: the database checks their balance at its end. */
function writeLegs(rows: Plan["legs"]): Sql {
  return prepared("kernel_write_legs")`
    insert into ledger_entries (purchase_id, txn_id, leg, tenant_id, kind, account, owner_id, amount_minor, currency)
    select * from unnest(string_to_array(${column(rows.map((r) => r.purchaseId))}, E'\n')::uuid[],
                         string_to_array(${column(rows.map((r) => r.txnId))}, E'\n')::uuid[],
                         string_to_array(${column(rows.map((r) => r.leg))}, E'\n')::integer[],
                         string_to_array(${column(rows.map((r) => r.tenantId))}, E'\n')::uuid[],
                         string_to_array(${column(rows.map((r) => r.kind))}, E'\n'),
                         string_to_array(${column(rows.map((r) => r.account))}, E'\n'),
                         string_to_array(${column(rows.map((r) => r.ownerId))}, E'\n')::uuid[],
                         string_to_array(${column(rows.map((r) => r.amountMinor))}, E'\n')::bigint[],
                         string_to_array(${column(rows.map((r) => r.currency))}, E'\n'))`;
}

function writeEvents(rows: Plan["events"]): Sql {
  return prepared("kernel_write_outbox")`
    insert into outbox (shard, event_id, tenant_id, kind, subject_id)
    select * from unnest(string_to_array(${column(rows.map((r) => shardOf(r.eventId)))}, E'\n')::integer[],
                         string_to_array(${column(rows.map((r) => r.eventId))}, E'\n')::uuid[],
                         string_to_array(${column(rows.map((r) => r.tenantId))}, E'\n')::uuid[],
                         string_to_array(${column(rows.map((r) => r.kind))}, E'\n'),
                         string_to_array(${column(rows.map((r) => r.subjectId))}, E'\n')::uuid[])`;
}

/** The last digit of an id is random, whatever its version. */
function shardOf(eventId: string): number {
  return Number.parseInt(eventId.slice(-1), 16);
}

function writeRecentGrants(rows: Plan["recentGrants"], nowMs: number): Sql {
  return prepared("kernel_write_recent_grants")`
    insert into recent_grants (mandate_id, agent_id, item_id, amount_minor, tenant_id, last_at)
    select r.*, to_timestamp(${nowMs}::float8 / 1000)
      from unnest(string_to_array(${column(rows.map((r) => r.mandateId))}, E'\n')::uuid[],
                  string_to_array(${column(rows.map((r) => r.agentId))}, E'\n'),
                  string_to_array(${column(rows.map((r) => r.itemId))}, E'\n')::uuid[],
                  string_to_array(${column(rows.map((r) => r.amountMinor))}, E'\n')::bigint[],
                  string_to_array(${column(rows.map((r) => r.tenantId))}, E'\n')::uuid[]) as r
        on conflict (mandate_id, agent_id, item_id, amount_minor) do update set last_at = excluded.last_at`;
}
