import { Columns, type ColumnsOf } from "../db/rows.ts";
import { prepared, type Sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import type { PurchaseLine } from "./facts.ts";
import type {
  AnswerRow,
  ChangedLine,
  Leg,
  MandateWrite,
  OutboxEvent,
  Plan,
  RecentGrant,
  StockWrite,
} from "./plan.ts";

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

const answerColumns = new Columns<AnswerRow>({
  ask_id: ["uuid", (r) => r.askId],
  tenant_id: ["uuid", (r) => r.tenantId],
  merchant_id: ["uuid", (r) => r.merchantId],
  key: ["text", (r) => r.key],
  kind: ["text", (r) => r.kind],
  purchase_id: ["uuid", (r) => r.purchaseId],
  fingerprint: ["bytes", (r) => r.fingerprint],
  body: ["text", (r) => r.body],
  granted: ["boolean", (r) => r.granted],
  answer: ["text", (r) => r.text],
  asked_by: ["text?", (r) => r.by],
});

function writeAnswers(rows: Plan["answers"]): Sql {
  return prepared("kernel_write_asks")`
    insert into asks (${answerColumns.names})
    select ${answerColumns.names} from ${answerColumns.of(rows)} as r`;
}

const lineColumns = new Columns<PurchaseLine>({
  purchase_id: ["uuid", (r) => r.purchaseId],
  line: ["integer", (r) => r.line],
  tenant_id: ["uuid", (r) => r.tenantId],
  merchant_id: ["uuid", (r) => r.merchantId],
  mandate_id: ["uuid", (r) => r.mandateId],
  agent_id: ["text", (r) => r.agentId],
  item_id: ["uuid?", (r) => r.itemId],
  pool_id: ["uuid?", (r) => r.poolId],
  charge: ["text?", (r) => r.charge],
  quantity: ["bigint", (r) => r.quantity],
  unit_price_minor: ["bigint", (r) => r.unitPriceMinor],
  price_version: ["bigint", (r) => r.priceVersion],
  rules_version: ["bigint", (r) => r.rulesVersion],
  amount_minor: ["bigint", (r) => r.amountMinor],
  currency: ["text", (r) => r.currency],
  state: ["text", (r) => r.state],
  settled_quantity: ["bigint", (r) => r.settledQuantity],
  settled_minor: ["bigint", (r) => r.settledMinor],
  returned_quantity: ["bigint", () => 0],
  refunded_minor: ["bigint", () => 0],
  expires_at: ["time?", (r) => r.expiresAtMs],
  version: ["bigint", () => 1],
  created_at: ["time", (r) => r.createdAtMs],
});

function writeNewLines(rows: readonly PurchaseLine[]): Sql {
  return prepared("kernel_write_purchases")`
    insert into purchases (${lineColumns.names})
    select ${lineColumns.names} from ${lineColumns.of(rows)} as r`;
}

const changeColumns = new Columns<ChangedLine>({
  purchase_id: ["uuid", ({ line }) => line.purchaseId],
  line: ["integer", ({ line }) => line.line],
  state: ["text", ({ line }) => line.state],
  settled_quantity: ["bigint", ({ line }) => line.settledQuantity],
  settled_minor: ["bigint", ({ line }) => line.settledMinor],
  returned_quantity: ["bigint", ({ line }) => line.returnedQuantity],
  refunded_minor: ["bigint", ({ line }) => line.refundedMinor],
  expires_at: ["time?", ({ line }) => line.expiresAtMs],
  version: ["bigint", ({ line }) => line.version],
  version_before: ["bigint", (r) => r.versionBefore],
});

/** One state row per line under a guard: of two that would settle a hold, one finds nothing to write. */
function writeChangedLines(rows: readonly ChangedLine[]): Sql {
  return prepared("kernel_change_purchases")`
    update purchases p
       set state = r.state, settled_quantity = r.settled_quantity, settled_minor = r.settled_minor,
           returned_quantity = r.returned_quantity, refunded_minor = r.refunded_minor,
           expires_at = r.expires_at, version = r.version
      from ${changeColumns.of(rows)} as r
     where p.purchase_id = r.purchase_id and p.line = r.line and p.version = r.version_before`;
}

const stockColumns = new Columns<StockWrite>({
  bucket: ["integer", (r) => r.bucket],
  pool_id: ["uuid", (r) => r.poolId],
  available: ["bigint", (r) => r.available],
  version: ["bigint", (r) => r.version],
  version_before: ["bigint", (r) => r.versionBefore],
});

function writeStock(rows: readonly StockWrite[]): Sql {
  return prepared("kernel_write_stock")`
    update stock_buckets b
       set available = r.available, version = r.version
      from ${stockColumns.of(rows)} as r
     where b.pool_id = r.pool_id and b.bucket = r.bucket and b.version = r.version_before`;
}

function writeMandates(rows: readonly MandateWrite[]): Sql {
  const withRooms = rows.some(({ rooms }) => Object.keys(rooms).length > 0);
  return withRooms ? writeMoneyAndRoom(rows) : writeMoney(rows);
}

const money: ColumnsOf<MandateWrite> = {
  mandate_id: ["uuid", (r) => r.mandateId],
  bucket: ["integer", (r) => r.bucket],
  remaining_minor: ["bigint", (r) => r.remainingMinor],
  version: ["bigint", (r) => r.version],
  version_before: ["bigint", (r) => r.versionBefore],
};
const moneyColumns = new Columns(money);

function writeMoney(rows: readonly MandateWrite[]): Sql {
  return prepared("kernel_write_money")`
    update mandate_buckets b
       set remaining_minor = r.remaining_minor, version = r.version
      from ${moneyColumns.of(rows)} as r
     where b.mandate_id = r.mandate_id and b.bucket = r.bucket and b.version = r.version_before`;
}

const roomColumns = new Columns<MandateWrite>({
  ...money,
  day_start: ["time?", ({ rooms }) => rooms.day?.startMs ?? null],
  day_left: ["bigint?", ({ rooms }) => rooms.day?.leftMinor ?? null],
  week_start: ["time?", ({ rooms }) => rooms.week?.startMs ?? null],
  week_left: ["bigint?", ({ rooms }) => rooms.week?.leftMinor ?? null],
  month_start: ["time?", ({ rooms }) => rooms.month?.startMs ?? null],
  month_left: ["bigint?", ({ rooms }) => rooms.month?.leftMinor ?? null],
});

/** Room of a limit that the mandate no longer has is wiped: a limit set again begins a new count. */
function writeMoneyAndRoom(rows: readonly MandateWrite[]): Sql {
  return prepared("kernel_write_money_and_room")`
    update mandate_buckets b
       set remaining_minor = r.remaining_minor, version = r.version,
           day_start = r.day_start, day_left_minor = r.day_left,
           week_start = r.week_start, week_left_minor = r.week_left,
           month_start = r.month_start, month_left_minor = r.month_left
      from ${roomColumns.of(rows)} as r
     where b.mandate_id = r.mandate_id and b.bucket = r.bucket and b.version = r.version_before`;
}

const legColumns = new Columns<Leg>({
  purchase_id: ["uuid", (r) => r.purchaseId],
  txn_id: ["uuid", (r) => r.txnId],
  leg: ["integer", (r) => r.leg],
  tenant_id: ["uuid", (r) => r.tenantId],
  kind: ["text", (r) => r.kind],
  account: ["text", (r) => r.account],
  owner_id: ["uuid", (r) => r.ownerId],
  amount_minor: ["bigint", (r) => r.amountMinor],
  currency: ["text", (r) => r.currency],
});

/** All legs of a ledger transaction in one statement: the database checks their balance at its end. */
function writeLegs(rows: readonly Leg[]): Sql {
  return prepared("kernel_write_legs")`
    insert into ledger_entries (${legColumns.names})
    select ${legColumns.names} from ${legColumns.of(rows)} as r`;
}

const eventColumns = new Columns<OutboxEvent>({
  event_id: ["uuid", (r) => r.eventId],
  // The last digit of an id is random, whatever its version.
  shard: ["integer", (r) => Number.parseInt(r.eventId.slice(-1), 16)],
  tenant_id: ["uuid", (r) => r.tenantId],
  kind: ["text", (r) => r.kind],
  subject_id: ["uuid", (r) => r.subjectId],
});

function writeEvents(rows: readonly OutboxEvent[]): Sql {
  return prepared("kernel_write_outbox")`
    insert into outbox (${eventColumns.names})
    select ${eventColumns.names} from ${eventColumns.of(rows)} as r`;
}

const grantColumns = new Columns<RecentGrant>({
  mandate_id: ["uuid", (r) => r.mandateId],
  agent_id: ["text", (r) => r.agentId],
  item_id: ["uuid", (r) => r.itemId],
  amount_minor: ["bigint", (r) => r.amountMinor],
  tenant_id: ["uuid", (r) => r.tenantId],
});

function writeRecentGrants(rows: readonly RecentGrant[], nowMs: number): Sql {
  return prepared("kernel_write_recent_grants")`
    insert into recent_grants (${grantColumns.names}, last_at)
    select ${grantColumns.names}, to_timestamp(${nowMs}::float8 / 1000) from ${grantColumns.of(rows)} as r
        on conflict (mandate_id, agent_id, item_id, amount_minor) do update set last_at = excluded.last_at`;
}
