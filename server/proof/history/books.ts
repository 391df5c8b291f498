import type { AskKind } from "../../kernel/types.ts";
import type { Db } from "../../db/open.ts";
import { sql, type Sql } from "../../db/sql.ts";
import { transact, type Tx } from "../../db/transact.ts";
import type { Books, BucketWrite } from "./history.ts";
import { saidOf } from "./said.ts";

/** Rows as the driver gives them: whole numbers are bigint. */
type Raw = Readonly<Record<string, unknown>>;

const patienceMs = 120_000;

export interface BooksOptions {
  /** Whether the database kept a witness of every write: see witness.ts. */
  readonly witnessed: boolean;
  /** Whether somebody was there to tell what happened, and had the time for it. */
  readonly told: boolean;
  /** Somebody else's worker may tell events, and delete them, while we look. */
  readonly guest: boolean;
}

/** All that stands in the books of a world, in one snapshot. */
export function readBooks(db: Db, tenantId: string, options: BooksOptions): Promise<Books> {
  return transact(db, "read_history", (tx) => booksIn(tx, tenantId, options), {
    readOnly: true,
    attemptTimeoutMs: patienceMs,
    deadlineAt: performance.now() + patienceMs,
  });
}

async function booksIn(
  tx: Tx,
  tenantId: string,
  { witnessed, told, guest }: BooksOptions,
): Promise<Books> {
  const rows = async <Row>(query: Sql): Promise<Row[]> =>
    (await tx.rows<Raw>(query)).map((row) => withNumbers(row) as Row);
  const answers = await rows<Books["answers"][0] & { answer: string }>(
    witnessed ? answersWithXid(tenantId) : answersOf(tenantId),
  );
  // Who tells an event deletes its row: then only a witness knows that it was there.
  const isTold = guest || (told && !witnessed);
  const caps = await rows<{ id: string; cap: number }>(
    sql`select mandate_id as id, cap_minor as cap from mandates where tenant_id = ${tenantId}`,
  );
  return {
    answers: answers.map(({ answer, ...row }) => ({
      ...row,
      kind: row.kind as AskKind,
      said: saidOf(answer),
    })),
    lines: await rows(linesOf(tenantId)),
    transactions: await rows(witnessed ? transactionsWithXid(tenantId) : transactionsOf(tenantId)),
    moves: await rows(witnessed ? movesWithXid(tenantId) : movesOf(tenantId)),
    stock: await rows(stockOf(tenantId)),
    money: await rows(moneyOf(tenantId)),
    caps: new Map(caps.map(({ id, cap }) => [id, cap])),
    events: isTold
      ? undefined
      : (await rows<{ id: string }>(witnessed ? eventsHeard(tenantId) : eventsOf(tenantId))).map(
          ({ id }) => id,
        ),
    untold: told ? (await rows(eventsOf(tenantId))).length : 0,
    writes: witnessed ? await rows<BucketWrite>(writesOf(tenantId)) : undefined,
  };
}

function withNumbers(row: Raw): Raw {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === "bigint" ? Number(value) : value,
  ]);
  return Object.fromEntries(entries) as Raw;
}

const answersOf = (tenantId: string): Sql => sql`
  select ask_id as id, key, kind, purchase_id as "purchaseId", encode(fingerprint, 'hex') as fingerprint,
         granted, answer
    from asks where tenant_id = ${tenantId}`;

const answersWithXid = (tenantId: string): Sql => sql`
  select ask_id as id, key, kind, purchase_id as "purchaseId", encode(fingerprint, 'hex') as fingerprint,
         granted, answer, xmin::text as xid
    from asks where tenant_id = ${tenantId}`;

const linesOf = (tenantId: string): Sql => sql`
  select purchase_id as "purchaseId", line, mandate_id as "mandateId", agent_id as "agentId",
         item_id as "itemId", quantity, unit_price_minor as "unitPriceMinor",
         amount_minor as "amountMinor", price_version as "priceVersion",
         rules_version as "rulesVersion", state, settled_quantity as "settledQuantity",
         settled_minor as "settledMinor", version
    from purchases where tenant_id = ${tenantId} and item_id is not null order by purchase_id, line`;

const transactionsOf = (tenantId: string): Sql => sql`
  select txn_id as "txnId", purchase_id as "purchaseId", kind, count(*) as legs,
         sum(amount_minor)::bigint as "offBy"
    from ledger_entries where tenant_id = ${tenantId} group by txn_id, purchase_id, kind`;

const transactionsWithXid = (tenantId: string): Sql => sql`
  select txn_id as "txnId", purchase_id as "purchaseId", kind, count(*) as legs,
         sum(amount_minor)::bigint as "offBy", max(xmin::text) as xid
    from ledger_entries where tenant_id = ${tenantId} group by txn_id, purchase_id, kind`;

const movesOf = (tenantId: string): Sql => sql`
  select item_id as "itemId", quantity, reason from stock_moves where tenant_id = ${tenantId}`;

const movesWithXid = (tenantId: string): Sql => sql`
  select item_id as "itemId", quantity, reason, xmin::text as xid
    from stock_moves where tenant_id = ${tenantId}`;

const stockOf = (tenantId: string): Sql => sql`
  select item_id as "subjectId", bucket, available as amount, version
    from stock_buckets where tenant_id = ${tenantId}`;

const moneyOf = (tenantId: string): Sql => sql`
  select mandate_id as "subjectId", bucket, remaining_minor as amount, version
    from mandate_buckets where tenant_id = ${tenantId}`;

const eventsOf = (tenantId: string): Sql => sql`
  select event_id as id from outbox where tenant_id = ${tenantId}`;

const eventsHeard = (tenantId: string): Sql => sql`
  select event_id as id from history_events where tenant_id = ${tenantId}`;

const writesOf = (tenantId: string): Sql => sql`
  select kind as "of", subject_id as "subjectId", bucket, version_before as "versionBefore", version,
         coalesce(amount_before, 0) as before, amount as after,
         coalesce(usable_before, usable) as "usableBefore", usable,
         coalesce(terms_before, terms) as "termsBefore", terms, xmin::text as xid
    from history_writes where tenant_id = ${tenantId} order by seq`;
